import t from 'tap'
import { mayRetry, retryDelay } from '../../lib/pool/retry.js'

await t.test('an operation may lose its session twice', async t => {
  t.same([1, 2, 3, 4].map(mayRetry), [true, true, false, false])
})

await t.test(
  'the first retry is made at once, later ones after ever longer pauses, within bounds',
  async t => {
    t.same([1, 2, 3, 4, 20].map(retryDelay), [0, 250, 500, 1_000, 5_000])
  },
)
