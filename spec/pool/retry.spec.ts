import t from 'tap'
import { delayAfterLoss, delayBefore, withAttempts } from '../../lib/pool/retry.js'
import { ConnectionLostError } from '../../lib/wire/ftp-errors.js'

const usual = { retries: 3, retryDelay: 1_500 }

await t.test('the pauses grow twofold, and the default ones reach 10 s in all', async t => {
  t.same(
    [1, 2, 3].map(retry => delayBefore(retry, usual, 0)),
    [1_500, 3_000, 6_000],
  )
})

await t.test('a session that was lost is replaced at once the first time', async t => {
  t.same(
    [1, 2, 3].map(retry => delayAfterLoss(retry, usual, 0)),
    [0, 1_500, 3_000],
  )
})

await t.test('up to a quarter less comes by chance', async t => {
  t.equal(delayBefore(1, usual, 1), 1_125)
  const delays = Array.from({ length: 100 }, () => delayBefore(1, usual))
  t.ok(delays.every(delay => delay >= 1_125 && delay <= 1_500))
  t.ok(new Set(delays).size > 1)
})

await t.test('without a delay there is none, and no pause is longer than a timer can be', async t => {
  t.equal(delayBefore(5, { retries: 9, retryDelay: 0 }), 0)
  t.equal(delayBefore(40, usual), 2 ** 31 - 1)
})

await t.test('an error says how often it was tried, once', async t => {
  const error = withAttempts(new ConnectionLostError('The connection was lost'), 4)
  withAttempts(error, 5)
  t.match(error, { message: 'The connection was lost (tried 4 times)', attempts: 4 })
})

await t.test('what was tried once does not say so', async t => {
  const error = withAttempts(new ConnectionLostError('The connection was lost'), 1)
  t.match(error, { message: 'The connection was lost' })
  t.notOk('attempts' in error)
})
