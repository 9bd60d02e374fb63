import t from 'tap'
import { Recovery } from '../../lib/pool/recovery.js'
import { TooManyConnectionsError } from '../../lib/wire/errors.js'
import { silent } from './pool-on.js'

const options = { retries: 2, retryDelay: 1, shortTimeout: 20 }
const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

await t.test('there are as many attempts as `retries` says', async t => {
  const recovery = new Recovery(options, silent)
  await recovery.pause(refused())
  await recovery.pause(refused())
  await t.rejects(recovery.pause(refused()), { code: 'ECONNREFUSED', attempts: 3, message: /tried 3 times/ })
})

await t.test('a server that is full is asked for 2.5 times shortTimeout, however often that is', async t => {
  const recovery = new Recovery(options, silent)
  const full = new TooManyConnectionsError('421')
  const asked = async (): Promise<never> => {
    for (;;) await recovery.pause(full)
  }
  await t.rejects(asked(), full)
})

await t.test('a pause can be ended', async () => {
  const recovery = new Recovery({ ...options, retryDelay: 2 ** 30 }, silent)
  const pause = recovery.pause(refused())
  recovery.wake()
  await pause
})
