import { connect, createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { recordControl } from './recording-proxy.js'
import { startScriptedServer } from './scripted-server.js'

const closed = (socket: NodeJS.EventEmitter) => new Promise<unknown>(resolve => socket.once('close', resolve))

void t.test('commands, flights and replies are recorded, and nothing is changed on the way', async t => {
  await using server = await startScriptedServer({ files: { '/\xe9': 'abc' }, features: ['SIZE'] })
  await using proxy = await recordControl({ host: '127.0.0.1', port: server.port })
  const client = connect(proxy.port, '127.0.0.1')
  client.write('USER u\r\nPASS p\r\n')
  await new Promise<void>(resolve =>
    client.on('data', () => {
      if (proxy.replies.at(-1)?.startsWith('230')) resolve()
    }),
  )
  client.write('SIZE /\xe9\r\nFEAT\r\nQUIT\r\n', 'latin1')
  await text(client)
  await closed(client)
  t.same(proxy.flights, [
    ['USER u', 'PASS p'],
    ['SIZE /\xe9', 'FEAT', 'QUIT'],
  ])
  t.same(proxy.commands, ['USER u', 'PASS p', 'SIZE /\xe9', 'FEAT', 'QUIT'])
  t.same(proxy.replies, [
    '220 scripted',
    '331 Password please',
    '230 Logged in',
    '213 3',
    '211-Features:\n SIZE\n211 End',
    '221 Bye',
  ])
  t.same(
    server.commands.map(({ line }) => line),
    proxy.commands,
  )
  t.equal(proxy.url, `ftp://127.0.0.1:${proxy.port}`)
})

void t.test('lines that look like an end do not end a reply of several lines', async t => {
  await using server = await startScriptedServer({
    greeting: ['220-First', '230 no end', '220 Last'],
    replySplit: 'every-byte',
  })
  await using proxy = await recordControl({ host: '127.0.0.1', port: server.port })
  const client = connect(proxy.port, '127.0.0.1')
  client.write('QUIT\r\n')
  t.equal(await text(client), '220-First\r\n230 no end\r\n220 Last\r\n221 Bye\r\n')
  t.same(proxy.replies, ['220-First\n230 no end\n220 Last', '221 Bye'])
})

void t.test('the end and the reset of a connection go through', async t => {
  const server = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {})
    socket.on('end', () => socket.end('after the end\r\n')).resume()
    socket.once('data', chunk => {
      if (String(chunk) === 'RESET') socket.resetAndDestroy()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  await using proxy = await recordControl({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
  })
  const half = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  half.end()
  t.equal(await text(half), 'after the end\r\n')

  const reset = connect(proxy.port, '127.0.0.1')
  reset.write('RESET')
  await t.rejects(text(reset), { code: 'ECONNRESET' })
  const gone = new Promise<unknown>(resolve => server.close(resolve))
  await gone
  const refused = connect(proxy.port, '127.0.0.1')
  await t.rejects(text(refused), { code: 'ECONNRESET' }, 'no server behind the proxy')
})

void t.test('stop() closes what is open', async t => {
  await using server = await startScriptedServer()
  const proxy = await recordControl({ host: '127.0.0.1', port: server.port })
  const client = connect(proxy.port, '127.0.0.1')
  await new Promise(resolve => client.once('data', resolve))
  await Promise.all([proxy.stop(), closed(client)])
  t.pass('the client was told')
})
