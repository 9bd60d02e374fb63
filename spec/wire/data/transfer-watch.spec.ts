import t from 'tap'
import { TransferWatch } from '../../../lib/wire/data/transfer-watch.js'
import { fakeClock } from '../fake-clock.js'

const watched = () => {
  const expired: Error[] = []
  return { expired, watch: new TransferWatch(10, error => expired.push(error)) }
}

await t.test('a connection without progress ends, with the reason', async t => {
  const clock = fakeClock(t)
  const { expired, watch } = watched()
  watch.start()
  clock.advance(9)
  watch.progress()
  clock.advance(9)
  watch.start()
  clock.advance(9)
  t.same(expired, [])
  clock.advance(1)
  t.match(expired, [{ message: 'No progress on the data connection within 10 ms' }])
})

await t.test('time while paused does not count, whatever moves', async t => {
  const clock = fakeClock(t)
  const { expired, watch } = watched()
  watch.start()
  watch.pause()
  watch.progress()
  t.equal(clock.timers, 0)
  watch.start()
  clock.advance(10)
  t.equal(expired.length, 1)
})

await t.test('no timer outlives the connection', async t => {
  const clock = fakeClock(t)
  const { watch } = watched()
  watch.start()
  watch.end()
  t.equal(clock.timers, 0)
  watch.start()
  t.equal(clock.timers, 0)
})
