import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t, { type Test } from 'tap'
import { Recovery } from '../../lib/pool/recovery.js'
import { TooManyConnectionsError } from '../../lib/wire/ftp-errors.js'
import { silent } from './pool-on.js'

const options = { retries: 2, retryDelay: 1, shortTimeout: 20 }
const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/** The pauses from now on, in milliseconds. */
function pauses(t: Test): number[] {
  const delays: number[] = []
  const onRetry = (message: unknown): void => void delays.push((message as { delay: number }).delay)
  subscribe('ftp-vfs:retry', onRetry)
  t.teardown(() => unsubscribe('ftp-vfs:retry', onRetry))
  return delays
}

await t.test('behind as many attempts as `retries` says the pauses begin anew', async t => {
  const delays = pauses(t)
  const recovery = new Recovery({ ...options, retryDelay: 8 }, silent)
  for (let failed = 0; failed < 4; failed++) await recovery.pause(refused())
  t.ok(
    delays.every((delay, at) => (at % 2 === 0 ? delay <= 8 : delay >= 12)),
    delays.join(),
  )
})

await t.test('a server that is full is asked for 2.5 times shortTimeout, however often that is', async t => {
  const delays = pauses(t)
  let now = 0
  t.capture(Date, 'now', () => now)
  const recovery = new Recovery({ ...options, shortTimeout: 1_000 }, silent)
  const full = new TooManyConnectionsError('421')
  const asked = async (): Promise<never> => {
    for (;;) {
      const before = delays.length
      const pause = recovery.pause(full)
      for (const delay of delays.slice(before)) now += delay
      recovery.wake()
      await pause
    }
  }
  await t.rejects(asked(), full)
  t.equal(now, 2_500)
  t.ok(delays.length > 2, delays.join())
})

await t.test('a pause can be ended', async () => {
  const recovery = new Recovery({ ...options, retryDelay: 2 ** 30 }, silent)
  const pause = recovery.pause(refused())
  recovery.wake()
  await pause
})
