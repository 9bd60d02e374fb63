import net from 'node:net'
import t from 'tap'
import { TransferWatch } from '../../lib/wire/transfer-watch.js'
import { fakeClock } from './fake-clock.js'

const watched = () => {
  const socket = new net.Socket()
  socket.on('error', () => {})
  return { socket, watch: new TransferWatch(socket, 10) }
}

await t.test('a connection on which nothing moves is ended, with the reason', async t => {
  const clock = fakeClock(t)
  const { socket, watch } = watched()
  watch.start()
  clock.advance(9)
  watch.progress()
  clock.advance(9)
  watch.start()
  clock.advance(9)
  t.notOk(socket.destroyed)
  clock.advance(1)
  t.match(socket.errored, { message: 'No progress on the data connection within 10 ms' })
})

await t.test('while it is the user’s turn no time runs, whatever moves', async t => {
  const clock = fakeClock(t)
  const { socket, watch } = watched()
  watch.start()
  watch.pause()
  watch.progress()
  t.equal(clock.timers, 0)
  watch.start()
  clock.advance(10)
  t.ok(socket.destroyed)
})

await t.test('no timer outlives the connection', async t => {
  const clock = fakeClock(t)
  const { socket, watch } = watched()
  watch.start()
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.destroy()
  await closed
  t.equal(clock.timers, 0)
  watch.start()
  t.equal(clock.timers, 0)
})
