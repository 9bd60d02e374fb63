import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { access, stat } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { Client } from 'basic-ftp'
import t from 'tap'
import { skipReason } from './for-servers.js'
import { makeAuthority, selfSigned } from './certificates.js'
import { realServerNames, startServer, type RealServer, type RealServerName } from './real-servers.js'

/** A control connection on which one command at a time waits for the last line of its reply. */
class Dialogue {
  private readonly socket: Socket
  private readonly lines: Interface
  private readonly replies: AsyncIterator<string>
  readonly closed: Promise<unknown>

  constructor(server: RealServer) {
    this.socket = connect(server.port, server.host)
    this.socket.on('error', () => undefined)
    this.closed = once(this.socket, 'close')
    this.lines = createInterface(this.socket)
    this.replies = this.lines[Symbol.asyncIterator]()
  }

  async reply(): Promise<string> {
    for (;;) {
      const { value, done } = (await this.replies.next()) as IteratorResult<string, undefined>
      if (done) return 'closed'
      if (/^\d{3} /.test(value)) return value
    }
  }

  async send(command: string): Promise<string> {
    this.socket.write(command + '\r\n')
    return this.reply()
  }

  async login({ user, password }: RealServer): Promise<string> {
    const greeting = await this.reply()
    if (!greeting.startsWith('220 ')) return greeting
    await this.send(`USER ${user}`)
    return this.send(`PASS ${password}`)
  }

  close(): void {
    this.socket.destroy()
    this.lines.close()
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return answered
}

/** The listing of `/` by an active data connection. */
async function listActively(server: RealServer, dialogue: Dialogue): Promise<string> {
  const listener = createServer().listen(0, server.host)
  await once(listener, 'listening')
  const { address, port, family } = listener.address() as AddressInfo
  const called = once(listener, 'connection') as Promise<[Socket]>
  const reply = await dialogue.send(`EPRT |${family === 'IPv6' ? 2 : 1}|${address}|${port}|`)
  if (!reply.startsWith('200 ')) throw new Error(reply)
  const listed = dialogue.send('LIST')
  const [socket] = await called
  listener.close()
  const listing = await text(socket)
  await listed
  return listing
}

const authority = await makeAuthority()

const skip = new Map<RealServerName, string | false>()
for (const name of realServerNames) {
  skip.set(name, (await skipReason(name)) ?? false)
}

for (const name of realServerNames) {
  const reason = skip.get(name)
  void t.test(reason ? `${name}: ${reason}` : name, { skip: reason ?? false }, async t => {
    void t.test('greets, lets its user in, and is gone with every session after stop', async t => {
      const server = await startServer(name)
      t.teardown(() => server.stop())
      const dialogue = new Dialogue(server)
      t.teardown(() => dialogue.close())

      t.match(await dialogue.reply(), /^220 /)
      t.match(await dialogue.send(`USER ${server.user}`), /^331 /)
      t.match(await dialogue.send(`PASS ${server.password}`), /^230 /)
      t.match(await dialogue.send('PWD'), /^257 "\/"/)
      t.match(await dialogue.send('MKD new'), /^257 /)
      t.ok((await stat(`${server.root}/new`)).isDirectory(), 'the folder called root is the / of the user')
      t.equal(server.url, `ftp://${server.user}:${server.password}@127.0.0.1:${server.port}/`)

      await server.stop()
      await dialogue.closed
      t.notOk(await isListening(server.port), 'nobody listens any more')
      await t.rejects(access(server.root), { code: 'ENOENT' })
      await server.stop()
    })

    void t.test('is killed and started again on its port', async t => {
      const server = await startServer(name)
      t.teardown(() => server.stop())
      const before = new Dialogue(server)
      t.match(await before.login(server), /^230 /)
      const { pid } = server
      await server.restart()
      t.equal(await before.reply(), 'closed')
      t.not(server.pid, pid)
      const after = new Dialogue(server)
      t.match(await after.login(server), /^230 /)
      before.close()
      after.close()
    })

    void t.test('keeps to the passive ports that it is given', async t => {
      const passivePorts = [20_001, 20_002, 20_003, 20_004]
      const server = await startServer(name, { passivePorts })
      t.teardown(() => server.stop())
      const dialogue = new Dialogue(server)
      t.teardown(() => dialogue.close())
      await dialogue.login(server)
      const reply = await dialogue.send('EPSV')
      t.ok(passivePorts.includes(Number(/\|(\d+)\|/.exec(reply)?.[1])), reply)
    })

    void t.test('turns away one client too many', async t => {
      const server = await startServer(name, { maxClients: 1 })
      t.teardown(() => server.stop())
      const [first, second] = [new Dialogue(server), new Dialogue(server)]
      t.teardown(() => first.close())
      t.teardown(() => second.close())

      t.match(await first.login(server), /^230 /)
      t.match(await second.login(server), name === 'proftpd' ? /^530 .*maximum/ : /^421 /)
    })

    void t.test('drops an idle session when asked to', async t => {
      if (name === 'pure-ftpd') {
        await t.rejects(startServer(name, { idleTimeoutSeconds: 1 }), RangeError)
        return
      }
      const server = await startServer(name, { idleTimeoutSeconds: 1 })
      t.teardown(() => server.stop())
      const dialogue = new Dialogue(server)
      t.teardown(() => dialogue.close())

      t.match(await dialogue.login(server), /^230 /)
      t.match(await dialogue.reply(), /^421 /)
    })

    for (const mode of ['explicit', 'implicit'] as const) {
      void t.test(`speaks TLS: ${mode}`, async t => {
        const certificate = await authority.issue()
        const tls = { ...certificate, implicit: mode === 'implicit' }
        if (name === 'pure-ftpd' && tls.implicit) {
          await t.rejects(startServer(name, { tls }), RangeError)
          return
        }
        for (const protocol of ['TLSv1.2', 'TLSv1.3'] as const) {
          const server = await startServer(name, { tls: { ...tls, protocol } })
          t.teardown(() => server.stop())
          const client = new Client(5000)
          t.teardown(() => client.close())
          const { host, port, user, password } = server
          const secure = tls.implicit ? 'implicit' : true
          await client.access({ host, port, user, password, secure, secureOptions: { ca: certificate.ca } })
          t.equal((client.ftp.socket as TLSSocket).getProtocol(), protocol)
          // pyftpdlib 1.5.7 breaks a data handshake that begins before its 125, as that of basic-ftp does.
          if (name !== 'pyftpdlib') t.same(await client.list(), [])
          client.close()
          await server.stop()
        }
      })
    }

    void t.test('wants the certificate of a client when asked to', async t => {
      const tls = { ...(await authority.issue()), clientCa: authority.ca }
      if (name === 'pure-ftpd') {
        await t.rejects(startServer(name, { tls }), RangeError)
        return
      }
      const server = await startServer(name, { tls })
      t.teardown(() => server.stop())
      const enter = async (certificate: { cert?: string; key?: string }) => {
        const client = new Client(5000)
        t.teardown(() => client.close())
        const secureOptions = { cert: certificate.cert, key: certificate.key, ca: authority.ca }
        const { host, port, user, password } = server
        return client.access({ host, port, user, password, secure: true, secureOptions })
      }
      t.match(await enter(await authority.issue()), { code: /2../ })
      await t.rejects(enter(await selfSigned()))
      await t.rejects(enter({}))
    })

    for (const host of ['127.0.0.1', '::1']) {
      void t.test(`connects to a client that listens on ${host}`, async t => {
        const server = await startServer(name, { host })
        t.teardown(() => server.stop())
        const dialogue = new Dialogue(server)
        t.teardown(() => dialogue.close())

        t.match(await dialogue.login(server), /^230 /)
        await dialogue.send('MKD here')
        t.match(await listActively(server, dialogue), / here\r\n$/)
      })
    }

    void t.test('shows its times in the time zone asked for', async t => {
      const server = await startServer(name, { timeZone: 'Asia/Tokyo' })
      t.teardown(() => server.stop())
      const dialogue = new Dialogue(server)
      t.teardown(() => dialogue.close())

      t.match(await dialogue.login(server), /^230 /)
      await dialogue.send('MKD here')
      const at = new Date((await stat(`${server.root}/here`)).mtimeMs)
      const local = at.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo', timeStyle: 'short' })
      t.match(await listActively(server, dialogue), ` ${local} here`)
    })

    void t.test('says what is wrong with a setting', async t => {
      const nonsense = name === 'pure-ftpd' ? '--nonsense' : name === 'proftpd' ? 'Nonsense on' : 'nonsense=1'
      await t.rejects(startServer(name, { settings: [nonsense] }), { message: /nonsense/i })
    })
  })
}

const startable = realServerNames.filter(name => !skip.get(name))

const partial = startable.length < realServerNames.length
const eight = `eight servers run side by side${partial ? ': not all of them can start here' : ''}`

void t.test(eight, { skip: partial }, async t => {
  const names = [...startable, ...startable]
  const servers = await Promise.all(names.map(name => startServer(name)))
  t.teardown(() => Promise.all(servers.map(server => server.stop())))
  t.equal(new Set(servers.map(({ port }) => port)).size, names.length, 'each on a port of its own')
  for (const server of servers) {
    const dialogue = new Dialogue(server)
    t.match(await dialogue.login(server), /^230 /, server.name)
    dialogue.close()
  }
})

for (const name of startable) {
  void t.test(`${name} does not outlive a process that is killed`, async t => {
    const module = JSON.stringify(new URL('real-servers.ts', import.meta.url).href)
    const script = `
      const { startServer } = await import(${module})
      const { port, root } = await startServer('${name}')
      console.log(port + ' ' + root)
      setInterval(() => undefined, 1000)
    `
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const child = execFile(process.execPath, args, { env: { PATH: process.env['PATH'] } })
    t.teardown(() => child.kill('SIGKILL'))
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
    const port = Number(line.split(' ')[0])
    const root = line.slice(line.indexOf(' ') + 1)
    t.ok(await isListening(port))
    child.kill('SIGKILL')
    // Ends when the server is gone; fails by the time limit of the test otherwise.
    while (await isListening(port)) await sleep(10)
    while (
      await access(root).then(
        () => true,
        () => false,
      )
    ) {
      await sleep(10)
    }
  })
}
