import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Incoming } from '../../../lib/wire/data/incoming.js'
import { Outgoing } from '../../../lib/wire/data/outgoing.js'
import type { Session } from '../../../lib/wire/session/session.js'
import { selfSigned } from '../../support/certificates.js'
import type { Handler, ScriptedServer } from '../../support/scripted-server.js'
import { knownGreeting, short } from '../scripted-session.js'
import { securedSession, until } from '../tls-session.js'

const big = Buffer.alloc(4 * 2 ** 20, 'ab')
const files = { '/a': '0123456789', '/big': big }
const greetings = { known: knownGreeting, 'not known': '220 hello' }
const own = await selfSigned()

/** Downloads or lists. Resolves with the bytes and the final code. */
async function receive(session: Session, verb = 'RETR', path = '/a'): Promise<[text: string, code: number]> {
  const chunks: Buffer[] = []
  const incoming = await Incoming.open(session, {
    commands: [command(verb, path)],
    onData: chunk => chunks.push(chunk),
  })
  if (!(incoming instanceof Incoming)) throw new Error(`refused: ${incoming.code}`)
  const replies = await incoming.done
  return [Buffer.concat(chunks).toString('latin1'), replies.at(-1)!.code]
}
/** Uploads. Resolves with the final code. */
async function send(session: Session, path: string, bytes: string | Buffer): Promise<number> {
  const outgoing = await Outgoing.open(session, { command: command('STOR', path) })
  if (!(outgoing instanceof Outgoing)) return outgoing.code
  await outgoing.write(Buffer.from(bytes))
  return (await outgoing.end())[0]!.code
}
/** One download, one upload. */
const transfers: ((session: Session) => Promise<unknown>)[] = [
  session => receive(session),
  session => send(session, '/b', 'x'),
]
async function inStep(t: Test, session: Session) {
  t.ok(session.usable, 'the session is usable again')
  t.same((await session.flight([command('SIZE', '/a')]))[0]!.lines, ['213 10'])
}
const over = (data: Socket) =>
  new Promise(resolve => data.resume().once('end', resolve).once('close', resolve))
const onData = ({ handshakes }: ScriptedServer) => handshakes.filter(({ on }) => on === 'data')
const sockets = () =>
  process.getActiveResourcesInfo().filter(name => /^(?:TCPSocketWrap|TCPServerWrap|TLSWrap)$/.test(name))
    .length

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  await t.test(`over ${version}, every data connection resumes the TLS session`, async t => {
    const { session, server } = await securedSession(t, {
      tls: { minVersion: version, maxVersion: version, sessionReuse: 'required' },
      script: { greeting: knownGreeting, files: { '/a': '0123456789', '/d': null } },
    })
    for (let round = 0; round < 10; round++) {
      t.same(await receive(session), ['0123456789', 226])
      t.equal(await send(session, `/d/${round}`, `content ${round}`), 226)
      t.same((await receive(session, 'MLSD', '/d'))[0].split('\r\n').length, round + 2)
    }
    t.same(server.files.get('/d/9')!.content.toString(), 'content 9')
    t.equal(onData(server).length, 30)
    t.ok(onData(server).every(({ reused, protocol }) => reused && protocol === version))
    await inStep(t, session)
  })
}

await t.test('many bytes, up and down', async t => {
  const { session, server } = await securedSession(t, { script: { files } })
  const [text] = await receive(session, 'RETR', '/big')
  t.ok(big.equals(Buffer.from(text, 'latin1')))
  t.equal(await send(session, '/b', big), 226)
  t.ok(big.equals(server.files.get('/b')!.content as Buffer))
})

await t.test(
  'a server refuses a TLS session that it does not know: the session is lost, with the reason',
  async t => {
    for (const greeting of Object.values(greetings)) {
      for (const code of [522, 425]) {
        const refuses: Handler = async ctx => {
          ctx.reply('150 Here')
          const data = await ctx.secureData
          data.end()
          ctx.reply(`${code} Session not reused`)
        }
        const on = { RETR: refuses, STOR: refuses }
        for (const transfer of transfers) {
          const { session } = await securedSession(t, { script: { greeting, files, on } })
          await t.rejects(transfer(session), {
            name: 'ConnectionLostError',
            code: 'ERR_FTP_TLS',
            message: `The server refused the TLS of the data connection: ${code} Session not reused`,
            cause: { code },
          })
          t.ok(session.closed)
        }
      }
    }
  },
)

await t.test('without TLS, 425 is a reply like any other', async t => {
  const { session } = await securedSession(t, {
    script: { files, on: { RETR: ctx => ctx.reply('425 No data connection') } },
    options: { encryptionMode: 'None' },
  })
  t.same(await receive(session), ['', 425])
  await inStep(t, session)
})

await t.test('a handshake that fails on the data connection loses the session', async t => {
  for (const greeting of Object.values(greetings)) {
    const breaks: Handler = async ctx => {
      const data = await ctx.data
      ctx.reply('150 Here')
      data.write('this is no TLS\r\n')
      await over(data)
      ctx.reply('426 Closed')
    }
    for (const transfer of transfers) {
      const { session } = await securedSession(t, {
        script: { greeting, files, on: { RETR: breaks, STOR: breaks } },
      })
      await t.rejects(transfer(session), { name: 'ConnectionLostError', code: 'ERR_FTP_TLS' })
      t.ok(session.closed)
    }
  }
})

for (const [known, greeting] of Object.entries(greetings)) {
  await t.test(`the start of the handshake, on a server that is ${known}`, async t => {
    for (const handshakeAfter of ['connect', '150'] as const) {
      await t.test(`which begins it after its ${handshakeAfter}`, async t => {
        const { session, server, profile } = await securedSession(t, {
          tls: { handshakeAfter },
          script: { greeting, files },
        })
        t.same(await receive(session), ['0123456789', 226])
        t.equal(await send(session, '/b', 'abc'), 226)
        t.same(server.files.get('/b')!.content.toString(), 'abc')
        t.equal(profile.handshakesFirst, known === 'not known' && handshakeAfter === 'connect')
        await inStep(t, session)
      })
    }
  })

  await t.test(`a refused transfer keeps the session, on a server that is ${known}`, async t => {
    const none: Handler = ctx => ctx.reply('550 No such file')
    const refusals: Record<string, Handler> = {
      'keeps the data connection': none,
      'closes it': async ctx => {
        const data = await ctx.data
        data.destroy()
        await new Promise(resolve => setTimeout(resolve, 30))
        ctx.reply('550 No such file')
      },
      'resets it': async ctx => {
        const data = await ctx.data
        data.resetAndDestroy()
        await new Promise(resolve => setTimeout(resolve, 30))
        ctx.reply('550 No such file')
      },
      'closes it behind the reply': async ctx => {
        const data = await ctx.data
        ctx.reply('550 No such file')
        data.destroy()
      },
    }
    for (const [how, refuse] of Object.entries(refusals)) {
      for (const verb of ['RETR', 'MLSD', 'STOR']) {
        await t.test(`${verb}, and the server ${how}`, async t => {
          const { session, server } = await securedSession(t, {
            script: { greeting, files, on: { [verb]: refuse } },
          })
          if (verb === 'STOR') t.equal(await send(session, '/b', 'x'), 550)
          else t.same(await receive(session, verb), ['', 550])
          await inStep(t, session)
          delete server.on[verb]
          if (verb === 'STOR') t.equal(await send(session, '/b', 'x'), 226)
          else t.equal((await receive(session, verb === 'MLSD' ? 'LIST' : verb))[1], 226)
          t.equal(server.connections, 1)
        })
      }
    }
  })

  await t.test(`a stopped transfer keeps the session, on a server that is ${known}`, async t => {
    const { session, server } = await securedSession(t, { script: { greeting, files } })
    for (let round = 0; round < 3; round++) {
      let begun = () => {}
      const first = new Promise<void>(resolve => (begun = resolve))
      const incoming = (await Incoming.open(session, {
        commands: [command('RETR', '/big')],
        onData: () => begun(),
      })) as Incoming
      await first
      await incoming.stop()
      await inStep(t, session)

      const outgoing = (await Outgoing.open(session, { command: command('STOR', '/b') })) as Outgoing
      await outgoing.write(big.subarray(0, 300_000))
      await outgoing.stop()
      await inStep(t, session)
    }
    t.same(await receive(session), ['0123456789', 226])
    t.equal(server.connections, 1)
    t.ok(onData(server).every(({ reused }) => reused))
  })

  await t.test(`another certificate on the data connection, on a server that is ${known}`, async t => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const swapped = async (t: Test) =>
        securedSession(t, {
          tls: { dataCert: own.cert, dataKey: own.key, minVersion: version, maxVersion: version },
          script: { greeting, files },
        })
      for (const verb of ['RETR', 'MLSD', 'LIST', 'STOR']) {
        await t.test(`${verb} over ${version}: no byte is sent or received`, async t => {
          const { session, server } = await swapped(t)
          const error = await (
            verb === 'STOR'
              ? send(session, '/b', 'secret')
              : Incoming.open(session, {
                  commands: [command(verb, verb === 'RETR' ? '/a' : '/')],
                  onData: () => t.fail('a byte came'),
                }).then(incoming => (incoming as Incoming).done)
          ).then(
            () => undefined,
            (error: Error) => error,
          )
          t.match(error, { name: 'CertificateError', code: 'ERR_FTP_CERTIFICATE' })
          t.match(error!.message, /SHA-256 [0-9A-F:]{95} and SHA-1 [0-9A-F:]{59}/)
          t.ok(session.closed)
          await until(() => server.openControl === 0)
          t.equal(server.files.get('/b')?.content.length ?? 0, 0)
        })
      }
    }
  })
}

await t.test('a download without close_notify is complete if its reply says so', async t => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { session } = await securedSession(t, {
      tls: { noCloseNotify: true, minVersion: version, maxVersion: version },
      script: { files },
    })
    const [text, code] = await receive(session, 'RETR', '/big')
    t.equal(code, 226)
    t.equal(text.length, big.length)
    await inStep(t, session)
  }
})

await t.test('an upload ends with close_notify', async t => {
  const chunks: Buffer[] = []
  const { session, server } = await securedSession(t, {
    tls: { maxVersion: 'TLSv1.2' },
    script: {
      on: {
        async EPSV(ctx) {
          const to = await ctx.connection.data.listen()
          const listener = createServer({ allowHalfOpen: true }, from => {
            const onwards = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
            from.on('data', chunk => chunks.push(chunk)).pipe(onwards)
            onwards.pipe(from)
            listener.close()
          }).listen(0, '127.0.0.1')
          await once(listener, 'listening')
          ctx.reply(`229 Go (|||${(listener.address() as AddressInfo).port}|)`)
        },
      },
    },
  })
  t.equal(await send(session, '/b', 'abc'), 226)
  t.same(server.files.get('/b')!.content.toString(), 'abc')
  const types: number[] = []
  const bytes = Buffer.concat(chunks)
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at]!)
  // RFC 5246, section 6.2.1: application data, then an alert.
  t.same(types.slice(-2), [23, 21])
})

await t.test('a handshake that never ends', async t => {
  const mute: Handler = async ctx => {
    const data = await ctx.data
    ctx.reply('150 Here')
    await over(data)
    ctx.reply('426 Closed')
  }
  const on = { RETR: mute, STOR: mute }

  await t.test('ends within shortTimeout', async t => {
    for (const greeting of Object.values(greetings)) {
      for (const transfer of transfers) {
        const { session } = await securedSession(t, {
          script: { greeting, files, on },
          options: { shortTimeout: short },
        })
        await t.rejects(transfer(session), {
          code: 'ERR_FTP_DATA_CONNECTION',
          message: `The data connection was not open within ${short} ms; does a firewall block it?`,
        })
        t.ok(session.closed || session.usable)
      }
    }
  })

  await t.test('is a lost connection if an earlier one has carried bytes', async t => {
    for (const transfer of transfers) {
      // Pure-FTPd 1.0.50 then ends the session.
      const once: Handler = async ctx => {
        if (ctx.n === 1) return ctx.next()
        ctx.reply('150 Here')
        await over(await ctx.data)
        ctx.connection.drop('both')
      }
      const script = { greeting: knownGreeting, files, on: { RETR: once, STOR: once } }
      const { session } = await securedSession(t, { script, options: { shortTimeout: short } })
      await transfer(session)
      await t.rejects(transfer(session), { name: 'ConnectionLostError', code: 'ERR_FTP_DATA_CONNECTION' })
    }
  })

  await t.test('ends with its session', async t => {
    for (const greeting of Object.values(greetings)) {
      const before = sockets()
      const { session, server } = await securedSession(t, { script: { greeting, files, on } })
      const receiving = receive(session)
      receiving.catch(() => {})
      await until(() => server.commands.some(({ line }) => line === 'RETR /a'))
      session.close()
      await t.rejects(receiving, { name: 'ConnectionLostError' })
      // The server's listener stays until the test ends.
      await until(() => sockets() <= before + 1)
    }
  })
})

await t.test('after a refused PROT P, data goes in plaintext', async t => {
  t.capture(process, 'emitWarning', () => {})
  const { session, server } = await securedSession(t, {
    tls: { protReply: '536 No' },
    script: { files },
    options: { encryptionMode: 'Auto' },
  })
  t.same(await receive(session), ['0123456789', 226])
  t.equal(await send(session, '/b', 'abc'), 226)
  t.equal(onData(server).length, 0)
})
