import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t from 'tap'
import { makeAuthority, selfSigned } from './certificates.js'
import { startScriptedServer, type Script, type ScriptTls } from './scripted-server.js'

type Test = Pick<typeof t, 'teardown'>

const authority = await makeAuthority()
const certificate = await authority.issue()
const trusting: ConnectionOptions = { ca: authority.ca, host: '127.0.0.1' }

/** A control connection that may turn to TLS. Replies have one line each. */
class Dialogue {
  stream!: Socket
  #received = ''
  #hasEnded = false
  #wake = () => {}

  constructor(port: number) {
    this.#listen(connectTcp(port, '127.0.0.1'))
  }

  /** The next line; undefined at the end. */
  async reply(): Promise<string | undefined> {
    for (;;) {
      const [line, rest] = this.#received.split(/\r\n(.*)/s)
      if (rest !== undefined) {
        this.#received = rest
        return line
      }
      if (this.#hasEnded) return undefined
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  async ask(...commands: string[]): Promise<(string | undefined)[]> {
    this.stream.write(commands.map(line => line + '\r\n').join(''))
    const replies: (string | undefined)[] = []
    for (let i = 0; i < commands.length; i++) replies.push(await this.reply())
    return replies
  }

  async secure(options: ConnectionOptions = trusting): Promise<TLSSocket> {
    this.stream.removeAllListeners('data')
    const secured = connect({ ...options, socket: this.stream })
    this.#listen(secured)
    await once(secured, 'secureConnect')
    return secured
  }

  async passive(): Promise<Socket> {
    const [told] = await this.ask('EPSV')
    const socket = connectTcp(Number(/\|(\d+)\|/.exec(told!)![1]), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  #listen(stream: Socket): void {
    this.stream = stream
    stream.on('error', () => undefined)
    stream.on('data', chunk => {
      this.#received += chunk.toString('latin1')
      this.#wake()
    })
    stream.on('close', () => {
      this.#hasEnded = true
      this.#wake()
    })
  }
}

async function scripted(test: Test, tls: Partial<ScriptTls> = {}, script: Script = {}) {
  const server = await startScriptedServer({ ...script, tls: { ...certificate, ...tls } })
  const dialogues: Dialogue[] = []
  test.teardown(async () => {
    dialogues.forEach(({ stream }) => stream.destroy())
    await server.stop()
  })
  const open = () => {
    const dialogue = new Dialogue(server.port)
    dialogues.push(dialogue)
    return dialogue
  }
  /** Logged in over TLS with PROT P; the session resumes the one of the control connection. */
  const enter = async () => {
    const dialogue = open()
    if (tls.mode !== 'implicit') {
      await dialogue.reply()
      await dialogue.ask('AUTH TLS')
    }
    let session: Buffer | undefined
    const secured = dialogue.secure()
    dialogue.stream.on('session', (latest: Buffer) => (session = latest))
    await secured
    if (tls.mode === 'implicit') await dialogue.reply()
    await dialogue.ask('USER u', 'PASS p', 'PBSZ 0', 'PROT P')
    const protect = (socket: Socket, resuming = true) =>
      connect({ ...trusting, socket, ...(resuming && session ? { session } : {}) }).on(
        'error',
        () => undefined,
      )
    return { dialogue, protect }
  }
  return { server, open, enter }
}

void t.test('AUTH TLS, PBSZ and PROT', async t => {
  const { server, open } = await scripted(t)
  const dialogue = open()
  t.equal(await dialogue.reply(), '220 scripted')
  t.same(await dialogue.ask('PBSZ 0', 'AUTH FOO', 'AUTH TLS'), [
    '503 AUTH first',
    '504 Only TLS',
    '234 Begin TLS',
  ])
  const secured = await dialogue.secure()
  t.ok(secured.authorized)
  t.same(
    await dialogue.ask('AUTH TLS', 'USER u', 'PASS p', 'PBSZ 0', 'PROT E', 'PROT X', 'PROT C', 'PROT P'),
    [
      '503 TLS has begun',
      '331 Password please',
      '230 Logged in',
      '200 PBSZ=0',
      '536 Not with TLS',
      '504 No such level',
      '200 Data is clear',
      '200 Data is private',
    ],
  )
  t.same(server.commands.map(({ line, secure }) => (secure ? 'secure ' : 'plain ') + line).slice(0, 5), [
    'plain PBSZ 0',
    'plain AUTH FOO',
    'plain AUTH TLS',
    'secure AUTH TLS',
    'secure USER u',
  ])
  t.match(server.handshakes, [{ on: 'control', protocol: 'TLSv1.3', reused: false }])
  t.same(await dialogue.ask('QUIT'), ['221 Bye'])
})

void t.test('FEAT tells of TLS, and only where it is', async t => {
  const features = async (t: Test, script: Script) => {
    const server = await startScriptedServer(script)
    t.teardown(() => server.stop())
    const dialogue = new Dialogue(server.port)
    t.teardown(() => void dialogue.stream.destroy())
    await dialogue.reply()
    await dialogue.ask('FEAT')
    const lines: string[] = []
    for (let line = await dialogue.reply(); line !== '211 End'; line = await dialogue.reply())
      lines.push(line!)
    return lines.join()
  }
  t.match(await features(t, { tls: certificate }), ' AUTH TLS, PBSZ, PROT')
  t.notMatch(await features(t, {}), 'TLS')
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  void t.test(`transfers over ${version} resume the session of the control connection`, async t => {
    const versions = { minVersion: version, maxVersion: version }
    const files = { '/a': 'abc' }
    const { server, enter } = await scripted(t, { ...versions, sessionReuse: 'required' }, { files })
    const { dialogue, protect } = await enter()

    const down = await dialogue.passive()
    t.same(await dialogue.ask('RETR a'), ['150 Here it comes'])
    t.equal(await text(protect(down)), 'abc')
    t.equal(await dialogue.reply(), '226 Transfer complete')
    t.equal(server.bytesSent, 3)

    const up = await dialogue.passive()
    protect(up).end('0123')
    t.same(await dialogue.ask('STOR b'), ['150 Here it comes'], 'the client may begin before the 150')
    t.equal(await dialogue.reply(), '226 Transfer complete')
    t.same(server.files.get('/b')?.content.toString(), '0123')
    t.match(server.handshakes, [
      { on: 'control', protocol: version, reused: false },
      { on: 'data', protocol: version, reused: true },
      { on: 'data', protocol: version, reused: true },
    ])

    const strange = await dialogue.passive()
    protect(strange, false)
    t.same(await dialogue.ask('LIST'), ['150 Here it comes'])
    t.match(await dialogue.reply(), /^522 /)
    t.same(await dialogue.ask('NOOP'), ['200 Zzz'])
  })
}

void t.test('old versions only where they are asked for', async t => {
  const { open, server } = await scripted(t, { minVersion: 'TLSv1', maxVersion: 'TLSv1' })
  for (const [options, fits] of [
    [{ minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }, true],
    [{}, false],
  ] as const) {
    const dialogue = open()
    await dialogue.reply()
    await dialogue.ask('AUTH TLS')
    const secured = dialogue.secure({ ...trusting, ...options })
    if (fits) t.equal((await secured).getProtocol(), 'TLSv1')
    else await t.rejects(secured, { code: /^ERR_SSL/ })
  }
  t.equal(server.handshakes.length, 1)
})

void t.test('implicit: TLS from the first byte, and data is private at once', async t => {
  const { server, open, enter } = await scripted(t, { mode: 'implicit' }, { files: { '/a': 'abc' } })
  const { dialogue, protect } = await enter()
  const data = await dialogue.passive()
  t.same(await dialogue.ask('RETR a'), ['150 Here it comes'])
  t.equal(await text(protect(data)), 'abc')
  t.equal(await dialogue.reply(), '226 Transfer complete')
  t.ok(server.commands.every(({ secure }) => secure))
  t.same(await dialogue.ask('AUTH TLS'), ['500 AUTH not understood'])

  const plain = open()
  plain.stream.write('USER u\r\n')
  t.notMatch(await plain.reply(), /^[1-6]\d\d/)
  t.notOk(server.commands.some(({ secure }) => !secure))
})

void t.test('AUTH and PROT can be refused', async t => {
  const dialogue = (await scripted(t, { authReply: '500 No' })).open()
  await dialogue.reply()
  t.same(await dialogue.ask('AUTH TLS', 'USER u', 'PASS p', 'NOOP'), [
    '500 No',
    '331 Password please',
    '230 Logged in',
    '200 Zzz',
  ])

  const { enter } = await scripted(t, { protReply: '534 No' }, { files: { '/a': 'abc' } })
  const entered = await enter()
  t.same(await entered.dialogue.ask('PROT P'), ['534 No'])
  const data = await entered.dialogue.passive()
  await entered.dialogue.ask('RETR a')
  t.equal(await text(data), 'abc', 'data stays clear')
})

void t.test('another certificate on data connections', async t => {
  const { cert: dataCert, key: dataKey } = await selfSigned()
  const { enter, server } = await scripted(t, { dataCert, dataKey }, { files: { '/a': 'abc' } })
  const { dialogue, protect } = await enter()
  const data = protect(await dialogue.passive())
  const failure = once(data, 'secureConnect')
  await dialogue.ask('RETR a')
  await t.rejects(failure, { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  t.notMatch(await dialogue.reply(), /^226/)
  t.ok(server.handshakes.every(({ on, reused }) => on === 'control' || !reused))
})

void t.test('the handshake of the data connection may come before the 150', async t => {
  const { dialogue, protect } = await (await scripted(t, { handshakeAfter: 'connect' })).enter()
  const data = protect(await dialogue.passive())
  await once(data, 'secureConnect')
  t.same(await dialogue.ask('LIST'), ['150 Here it comes'])
  t.equal(await text(data), '')
  t.equal(await dialogue.reply(), '226 Transfer complete')
})

void t.test('a failed handshake of the data connection is answered 522', async t => {
  const { dialogue } = await (await scripted(t)).enter()
  const data = await dialogue.passive()
  data.write('this is no TLS, is it?\r\n')
  t.same(await dialogue.ask('LIST'), ['150 Here it comes'])
  t.equal(await dialogue.reply(), '522 TLS handshake failed')
  t.same(await dialogue.ask('NOOP'), ['200 Zzz'])
})

void t.test('a download ends with close_notify, or without', async t => {
  for (const noCloseNotify of [false, true]) {
    const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
    const { enter } = await scripted(t, { noCloseNotify, ...versions }, { files: { '/a': 'abc' } })
    const { dialogue } = await enter()
    const tcp = await dialogue.passive()
    const received: Buffer[] = []
    const recorded = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => void tcp.write(chunk, done),
      final: done => void tcp.end(done),
    })
    tcp.on('data', chunk => {
      received.push(chunk)
      recorded.push(chunk)
    })
    tcp.on('end', () => recorded.push(null))
    const data = connect({ ...trusting, socket: recorded })
    await dialogue.ask('RETR a')
    t.equal(await text(data), 'abc')
    t.equal(await dialogue.reply(), '226 Transfer complete')
    const types = [...recordTypes(Buffer.concat(received))]
    t.equal(types.at(-1), noCloseNotify ? 23 : 21, 'the type of the last record')
  }
})

void t.test('plaintext may be injected behind the 234', async t => {
  const { open } = await scripted(t, { injected: '230 Logged in\r\n' })
  const dialogue = open()
  await dialogue.reply()
  const [segment] = await Promise.all([once(dialogue.stream, 'data'), dialogue.ask('AUTH TLS')])
  t.equal(String(segment), '234 Begin TLS\r\n230 Logged in\r\n')
})

void t.test('a client without the certificate that is wanted is dropped', async t => {
  const { open } = await scripted(t, { clientCa: authority.ca })
  const greet = async (shown: { cert?: string; key?: string }) => {
    const dialogue = open()
    await dialogue.reply()
    await dialogue.ask('AUTH TLS')
    await dialogue.secure({ ...trusting, cert: shown.cert, key: shown.key })
    return (await dialogue.ask('NOOP'))[0]
  }
  t.equal(await greet(await authority.issue()), '200 Zzz')
  t.equal(await greet(await selfSigned()), undefined)
  t.equal(await greet({}), undefined)
})

void t.test('cuts hit what is behind TLS too', async t => {
  const { enter, server } = await scripted(
    t,
    {},
    { files: { '/a': '0123456789' }, cut: { command: 'RETR', after: 4, what: 'data', reset: true } },
  )
  const { dialogue, protect } = await enter()
  const data = protect(await dialogue.passive())
  const received = text(data)
  await dialogue.ask('RETR a')
  await t.rejects(received, { code: 'ECONNRESET' })
  t.equal(await dialogue.reply(), '426 Connection closed; transfer aborted')
  t.equal(server.bytesSent, 4)
})

/** The content types of TLS records (RFC 5246, section 6.2.1): 21 is an alert, 23 application data. */
function* recordTypes(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) yield bytes[at]!
}
