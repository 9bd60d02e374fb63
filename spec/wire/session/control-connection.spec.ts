import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { ControlConnection } from '../../../lib/wire/session/control-connection.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'

/** A control connection to a raw socket, which plays the server. */
async function connected(t: Test) {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const reasons: Error[] = []
  const control = new ControlConnection(reason => reasons.push(reason))
  const { port } = listener.address() as AddressInfo
  control.socket.connect({ host: '127.0.0.1', port })
  const [[server]] = (await Promise.all([once(listener, 'connection'), once(control.socket, 'connect')])) as [
    [Socket],
    [],
  ]
  server.on('error', () => {})
  const received: string[] = []
  server.setEncoding('latin1').on('data', chunk => received.push(String(chunk)))
  t.teardown(() => {
    control.close()
    server.destroy()
    listener.close()
  })
  const lost = async () => {
    while (reasons.length === 0) await new Promise(resolve => setImmediate(resolve))
    return reasons
  }
  const take = (count: number) => {
    const taken: Reply[] = []
    return control.replies<Reply[]>((reply, done) => {
      taken.push(reply)
      if (taken.length === count) done(taken)
    })
  }
  return { control, server, received, reasons, lost, take }
}

await t.test('lines are written at once, byte for byte', async t => {
  const { control, server, received } = await connected(t)
  control.write(['SIZE /a\xffb', 'CWD /caf\xe9', 'PWD'])
  await once(server, 'data')
  t.same(received, ['SIZE /a\xffb\r\nCWD /caf\xe9\r\nPWD\r\n'])
})

await t.test('replies arrive complete and in order, whatever the segments', async t => {
  const { server, take } = await connected(t)
  server.setNoDelay(true)
  const replies = take(3)
  for (const byte of '213 12345\r\n211-a\r\n 213 b\r\n211 c\r\n257 "/\xe9\xff"\r\n') {
    server.write(byte, 'latin1')
    await new Promise(resolve => setImmediate(resolve))
  }
  t.same(await replies, [
    { code: 213, lines: ['213 12345'] },
    { code: 211, lines: ['211-a', ' 213 b', '211 c'] },
    { code: 257, lines: ['257 "/\xe9\xff"'] },
  ])
})

await t.test('bytes that are no reply end the connection, with an error that quotes them', async t => {
  const { server, reasons, lost, take } = await connected(t)
  const replies = take(2)
  replies.catch(() => {})
  server.write('200 ok\r\nSSH-2.0-OpenSSH\r\n200 ok\r\n')
  await t.rejects(replies, { code: 'ERR_FTP_CONNECTION_LOST' })
  t.match((await lost())[0], { message: "The server sent a line that is no reply: 'SSH-2.0-OpenSSH'" })
  await once(server, 'close')
  t.equal(reasons.length, 1, 'onClosed is called once')
})

await t.test('an unexpected reply ends the connection: later replies would be ambiguous', async t => {
  const { control, server, lost, take } = await connected(t)
  const reply = take(1)
  server.write('200 ok\r\n200 again\r\n')
  t.match(await reply, [{ code: 200, lines: ['200 ok'] }], 'the reply before it counts')
  const [reason] = await lost()
  t.match(reason, { message: 'The server sent a reply to no command: 200 again', cause: { code: 200 } })
  await t.rejects(
    control.replies(() => t.fail('no reply to a closed connection')),
    { message: /again/ },
  )
})

await t.test('421 on an idle connection, FIN, RST: it is closed at once', async t => {
  for (const [end, message] of [
    [(server: Socket) => server.write('421 Timeout\r\n'), /421 Timeout/],
    [(server: Socket) => server.end(), /FIN/],
    [(server: Socket) => server.resetAndDestroy(), /ECONNRESET/],
  ] as const) {
    const { server, lost } = await connected(t)
    end(server)
    t.match((await lost())[0]!.message, message)
  }
})

await t.test('a wait for a reply ends with the loss', async t => {
  const { server, take } = await connected(t)
  const reply = take(1)
  server.resetAndDestroy()
  await t.rejects(reply, { code: 'ECONNRESET' })
})

await t.test('closing sends QUIT, reports once, leaves no socket and no listener', async t => {
  const { control, server, received, reasons } = await connected(t)
  control.closeWithError(new Error('first'))
  control.closeWithError(new Error('second'))
  await once(server, 'close')
  t.same(received, ['QUIT\r\n'])
  t.same(reasons, [new Error('first')])
  t.ok(control.socket.destroyed)
  t.equal(control.socket.listenerCount('data') + control.socket.listenerCount('close'), 0)
})

await t.test('an incomplete reply prevents the upgrade to TLS', async t => {
  for (const part of ['230 Come', '230-Come in\r\n', '230-Come in\r\n23']) {
    const { control, server, lost, take } = await connected(t)
    const reply = take(1)
    server.write(`234 Begin\r\n${part}`)
    await reply
    const before = control.socket
    control.upgrade({} as TLSSocket)
    t.match((await lost())[0], {
      code: 'ERR_FTP_CONNECTION_LOST',
      message: 'The server sent more than a reply before TLS began',
    })
    t.equal(control.socket, before)
    t.ok(before.destroyed)
  }
})
