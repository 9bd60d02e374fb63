import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { startDelayProxy } from '../../bench/support/delay-proxy.js'
import { startScriptedServer } from '../support/scripted-server.js'

const host = '127.0.0.1'
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A raw control connection; `ask` writes commands in one go and reads a line for each. */
async function dial(port: number) {
  const socket = connect(port, host)
  const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  const ask = async (...commands: string[]) => {
    socket.write(commands.map(command => command + '\r\n').join(''))
    const replies: string[] = []
    while (replies.length < commands.length) replies.push(await line())
    return replies
  }
  await line()
  await ask('USER u', 'PASS p')
  return { socket, line, ask }
}

const extendedPort = (reply: string) => Number(/^229 .*\(\|\|\|(\d+)\|\)$/.exec(reply)![1])

/** A server of one connection's behaviour, closed when the test ends. */
async function serve(test: Pick<typeof t, 'teardown'>, accept: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {})
    accept(socket)
  })
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  test.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

for (const rtt of [0, 4]) {
  void t.test(`at ${rtt} ms`, async t => {
    await t.test('commands and replies keep their order', async t => {
      await using server = await startScriptedServer()
      await using proxy = await startDelayProxy({ host, port: server.port, rtt })
      const { socket, ask } = await dial(proxy.port)
      const folders = Array.from({ length: 500 }, (_, i) => `/d${i}`)
      t.same(
        await ask(...folders.map(folder => `MKD ${folder}`)),
        folders.map(folder => `257 "${folder}" created`),
      )
      t.equal(proxy.connections, 1)
      t.equal(proxy.bytesUp, socket.bytesWritten)
      t.equal(proxy.bytesDown, socket.bytesRead)
      socket.destroy()
    })

    await t.test('data connections go through the proxy, whole, both ways, whether EPSV or PASV', async t => {
      const bytes = randomBytes(40 << 20)
      await using server = await startScriptedServer({ replySplit: 7, pasvAddress: '10.0.0.1' })
      await using proxy = await startDelayProxy({ host, port: server.port, rtt })
      const { socket, ask, line } = await dial(proxy.port)

      const [epsv] = await ask('EPSV')
      const up = connect(extendedPort(epsv!), host)
      t.same(await ask('STOR f'), ['150 Here it comes'])
      up.end(bytes)
      t.equal(await line(), '226 Transfer complete')
      t.equal(sha(server.files.get('/f')!.content as Buffer), sha(bytes))
      t.equal(proxy.connections, 2)
      t.ok(proxy.bytesUp > bytes.length)

      const [pasv] = await ask('PASV')
      const [, high, low] = /^227 .*\(127,0,0,1,(\d+),(\d+)\)$/.exec(pasv!)!
      const down = connect(Number(high) * 256 + Number(low), host)
      const read = buffer(down)
      t.same(await ask('RETR f'), ['150 Here it comes'])
      t.equal(sha(await read), sha(bytes))
      t.equal(await line(), '226 Transfer complete')
      t.equal(proxy.connections, 3)
      t.ok(proxy.bytesDown > bytes.length)
      socket.destroy()
    })

    await t.test('bytes and the end sent at once on a new data connection are not lost', async t => {
      await using server = await startScriptedServer()
      await using proxy = await startDelayProxy({ host, port: server.port, rtt })
      const { socket, ask, line } = await dial(proxy.port)
      const [epsv] = await ask('EPSV')
      connect(extendedPort(epsv!), host).end('early')
      t.same(await ask('STOR f'), ['150 Here it comes'])
      t.equal(await line(), '226 Transfer complete')
      t.equal(server.files.get('/f')?.content.toString(), 'early')
      socket.destroy()
    })

    await t.test('a reader that does not read stops the sender', async t => {
      const size = 96 << 20
      let source: Socket | undefined
      const port = await serve(t, socket => {
        source = socket
        socket.end(Buffer.alloc(size))
      })
      await using ftp = await startScriptedServer({
        on: { EPSV: ctx => ctx.reply(`229 Elsewhere (|||${port}|)`) },
      })
      await using proxy = await startDelayProxy({ host, port: ftp.port, rtt })
      const { socket, ask } = await dial(proxy.port)
      const [epsv] = await ask('EPSV')
      const data = connect(extendedPort(epsv!), host)
      // Until nothing but the replies to NOOP comes down any more.
      for (let seen = -1, noops = 0; proxy.bytesDown < 1 << 20 || proxy.bytesDown - seen > noops;) {
        seen = proxy.bytesDown
        noops = 20 * '200 Zzz\r\n'.length
        for (let i = 0; i < 20; i++) await ask('NOOP')
      }
      t.ok(proxy.bytesDown < size, `${proxy.bytesDown} of ${size} bytes taken`)
      t.equal((await buffer(data)).length, size)
      t.equal(source?.bytesWritten, size)
      socket.destroy()
    })

    await t.test('one side may end while the other still sends', async t => {
      const port = await serve(t, socket => {
        let heard = ''
        socket.write('220 hello\r\n')
        socket.on('data', chunk => (heard += String(chunk)))
        socket.on('end', () => socket.end(`heard ${heard}`))
      })
      await using proxy = await startDelayProxy({ host, port, rtt })
      const client = connect({ port: proxy.port, host, allowHalfOpen: true })
      client.end('last words')
      t.equal(await text(client), '220 hello\r\nheard last words')
    })

    await t.test('a reset arrives as a reset, on either side', async t => {
      const errors: Promise<unknown>[] = []
      const port = await serve(t, socket => {
        if (errors.push(once(socket, 'close')) > 1) socket.resetAndDestroy()
        else socket.write('220 hello\r\n')
        socket.resume()
      })
      await using proxy = await startDelayProxy({ host, port, rtt })
      const first = connect(proxy.port, host)
      await once(first, 'data')
      first.resetAndDestroy()
      await t.rejects(errors[0]!, { code: 'ECONNRESET' })

      await t.rejects(text(connect(proxy.port, host)), { code: 'ECONNRESET' })
    })

    await t.test('without a server a client is reset', async t => {
      const gone = createServer()
      await new Promise<void>(resolve => gone.listen(0, host, resolve))
      const { port } = gone.address() as AddressInfo
      await new Promise(resolve => gone.close(resolve))
      await using proxy = await startDelayProxy({ host, port, rtt })
      await t.rejects(text(connect(proxy.port, host)), { code: 'ECONNRESET' })
    })

    await t.test('TLS, which it could not delay rightly, is refused by a reset', async t => {
      await using server = await startScriptedServer({ on: { AUTH: ctx => ctx.reply('234 Go on') } })
      await using proxy = await startDelayProxy({ host, port: server.port, rtt })
      const { socket } = await dial(proxy.port)
      const failed = new Promise<unknown>(resolve => socket.once('error', resolve))
      socket.write('AUTH TLS\r\n')
      t.match(await failed, { code: 'ECONNRESET' })
    })

    await t.test('stop() closes what is open, unused data ports too', async t => {
      await using server = await startScriptedServer()
      const proxy = await startDelayProxy({ host, port: server.port, rtt })
      const { socket, ask } = await dial(proxy.port)
      await ask('EPSV')
      const handshaking = connect(proxy.port, host)
      await once(handshaking, 'connect')
      const closed = [socket, handshaking].map(
        it => new Promise<unknown>(resolve => it.on('error', () => {}).once('close', resolve)),
      )
      await proxy.stop()
      await Promise.all(closed)
      t.equal(server.connections, 1)
    })
  })
}
