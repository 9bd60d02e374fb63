import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { reset } from '../../lib/wire/reset.js'

for (const [title, prepare] of Object.entries({
  'a connection': () => {},
  'a connection that is being shut down': (socket: Socket) => socket.end('last'),
  'a connection that is gone': (socket: Socket) => socket.destroy(),
})) {
  await t.test(`${title} is closed, on both sides`, async t => {
    const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    t.teardown(() => listener.close())
    await once(listener, 'listening')
    const socket = connect({ port: (listener.address() as AddressInfo).port, allowHalfOpen: true })
    const [[other]] = (await Promise.all([once(listener, 'connection'), once(socket, 'connect')])) as [
      [Socket],
      unknown,
    ]
    other.on('error', () => {}).on('end', () => other.end())
    const closed = Promise.all(
      [socket, other].map(one => new Promise(resolve => one.resume().once('close', resolve))),
    )
    prepare(socket)
    reset(socket)
    await closed
    t.ok(socket.destroyed)
  })
}
