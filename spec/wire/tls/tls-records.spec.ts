import net, { type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { TlsRecords } from '../../../lib/wire/tls/tls-records.js'

/** A record of a type and a number of bytes. */
const record = (type: number, length: number): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 255]), Buffer.alloc(length, type)])

const data = record(23, 300)
const closeNotify = record(21, 26)
const hidden = record(23, 19)

const rows: [what: string, bytes: Buffer, inOrder: boolean][] = [
  ['nothing', Buffer.alloc(0), false],
  ['a record of data', data, false],
  ['an alert', Buffer.concat([data, closeNotify]), true],
  ['an alert of TLS 1.3', Buffer.concat([data, hidden]), true],
  ['an alert and then data', Buffer.concat([hidden, data]), false],
  ['half an alert', Buffer.concat([data, closeNotify.subarray(0, -1)]), false],
  ['the beginning of another record', Buffer.concat([data, closeNotify, data.subarray(0, 3)]), false],
]

/** Both ends of a connection, closed at the end of the test. */
async function connected(t: Test): Promise<[client: net.Socket, server: net.Socket]> {
  const listener = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [server] = (await once(listener, 'connection')) as [net.Socket]
  t.teardown(() => {
    client.destroy()
    server.destroy()
    listener.close()
  })
  return [client, server]
}

for (const [what, bytes, inOrder] of rows) {
  // With pieces of 3 bytes, headers cross their edges.
  for (const size of [1, 2, 3, 7, bytes.length]) {
    t.test(`a connection that ends after ${what}, in pieces of ${size}`, async t => {
      const [client, server] = await connected(t)
      const records = new TlsRecords(client)
      const chunks: Buffer[] = []
      records.on('data', (chunk: Buffer) => chunks.push(chunk))
      for (let at = 0; at < bytes.length; at += size) client.emit('data', bytes.subarray(at, at + size))
      server.end()
      await once(records, 'end')
      t.equal(records.endsInOrder, inOrder)
      t.same(Buffer.concat(chunks), bytes)
    })
  }
}

t.test('written bytes and the end pass through', async t => {
  const [client, server] = await connected(t)
  const records = new TlsRecords(client)
  records.resume()
  records.end('hello')
  const [chunk] = (await once(server, 'data')) as [Buffer]
  t.equal(chunk.toString(), 'hello')
  await once(server, 'end')
})

t.test('it ends with its connection, and the connection with it', async t => {
  for (const first of [0, 1]) {
    const [client] = await connected(t)
    const records = new TlsRecords(client)
    const [one, other] = [client, records][first] === client ? [client, records] : [records, client]
    one.destroy()
    await once(other, 'close')
    t.ok(other.destroyed)
  }
})

t.test('bytes without a reader stay unread', async t => {
  const [client, server] = await connected(t)
  const records = new TlsRecords(client)
  server.write(Buffer.alloc(1024 * 1024))
  await once(client, 'pause')
  t.ok(records.readableLength < 1024 * 1024)
})
