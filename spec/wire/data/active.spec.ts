import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Incoming } from '../../../lib/wire/data/incoming.js'
import { Log } from '../../../lib/wire/log.js'
import { Outgoing } from '../../../lib/wire/data/outgoing.js'
import type { Session, SessionOptions } from '../../../lib/wire/session/session.js'
import type { CommandContext, Handler, Script } from '../../support/scripted-server.js'
import { knownGreeting, scriptedSession, short } from '../scripted-session.js'
import { securedSession, until } from '../tls-session.js'

const big = Buffer.alloc(4 * 2 ** 20, 'ab')
const files = { '/a': '0123456789', '/big': big }
const greetings = { known: knownGreeting, 'not known': '220 hello' }

const sessionWith = (
  t: Test,
  dataConnectionType: SessionOptions['dataConnectionType'],
  script: Script = {},
  options: Partial<SessionOptions> = {},
) => scriptedSession(t, { files, ...script }, { dataConnectionType, ...options })

async function receive(session: Session, verb = 'RETR', path = '/a'): Promise<[text: string, code: number]> {
  const chunks: Buffer[] = []
  const incoming = (await Incoming.open(session, {
    commands: [command(verb, path)],
    onData: chunk => chunks.push(chunk),
  })) as Incoming
  const replies = await incoming.done
  return [Buffer.concat(chunks).toString('latin1'), replies.at(-1)!.code]
}
async function send(session: Session, path: string, bytes: string | Buffer): Promise<number> {
  const outgoing = await Outgoing.open(session, { command: command('STOR', path) })
  if (!(outgoing instanceof Outgoing)) return outgoing.code
  await outgoing.write(Buffer.from(bytes))
  return (await outgoing.end())[0]!.code
}
async function inStep(t: Test, session: Session) {
  t.ok(session.usable, 'the session is usable again')
  t.same((await session.flight([command('SIZE', '/a')]))[0]!.lines, ['213 10'])
}
/** Listing, download, upload. */
async function everything(t: Test, { session, server }: Awaited<ReturnType<typeof sessionWith>>) {
  t.same(await receive(session), ['0123456789', 226])
  t.match(await receive(session, 'MLSD', '/'), [/ a\r\n/, 226])
  t.equal((await receive(session, 'RETR', '/big'))[0].length, big.length)
  t.equal(await send(session, '/b', big), 226)
  t.ok(big.equals(server.files.get('/b')!.content as Buffer))
  await inStep(t, session)
}
/** The number of open ports and connections in this process, with the scripted servers'. */
const handles = () =>
  process.getActiveResourcesInfo().filter(name => /^(?:TCPSocketWrap|TCPServerWrap)$/.test(name)).length
/** The port that EPRT or PORT names. */
function namedPort({ argument }: CommandContext): number {
  const [, extended] = /\|(\d+)\|$/.exec(argument) ?? []
  const [high, low] = argument.split(',').slice(4).map(Number)
  return extended ? Number(extended) : high! * 256 + low!
}
async function takePort(t: Test, port = 0): Promise<Server> {
  const listener = createServer().listen(port, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => listener.close())
  return listener
}
const portOf = (listener: Server) => (listener.address() as AddressInfo).port

await t.test('the server gets the address to connect to', async t => {
  for (const [type, host, line] of [
    ['AutoActive', '127.0.0.1', /^EPRT \|1\|127\.0\.0\.1\|\d+\|$/],
    ['EPRT', '127.0.0.1', /^EPRT \|1\|127\.0\.0\.1\|\d+\|$/],
    ['PORT', '127.0.0.1', /^PORT 127,0,0,1,\d+,\d+$/],
    ['AutoActive', '::1', /^EPRT \|2\|::1\|\d+\|$/],
    ['EPRT', '::1', /^EPRT \|2\|::1\|\d+\|$/],
    ['PORT', '::1', /^EPRT \|2\|::1\|\d+\|$/],
  ] as const) {
    await t.test(`${type} on ${host}: listing, download, upload`, async t => {
      const given = await sessionWith(t, type, { host }, { host })
      await everything(t, given)
      const said = given.since().filter(said => /^(?:EPRT|PORT|EPSV|PASV)/.test(said))
      t.equal(said.length, 4)
      for (const each of said) t.match(each, line)
    })
  }

  await t.test('the address of activeAddress, for NAT', async t => {
    for (const [type, line] of [
      ['EPRT', /^EPRT \|1\|127\.0\.0\.3\|\d+\|$/],
      ['PORT', /^PORT 127,0,0,3,\d+,\d+$/],
    ] as const) {
      const lines: string[] = []
      // Without a real NAT, the server connects to our actual address.
      const called: Handler = ctx => {
        lines.push(ctx.line)
        ctx.connection.data.call({ host: '127.0.0.1', port: namedPort(ctx) })
        ctx.reply('200 Will connect')
      }
      const on = { EPRT: called, PORT: called }
      const { session } = await sessionWith(t, type, { on }, { activeAddress: '127.0.0.3' })
      t.same(await receive(session), ['0123456789', 226])
      t.match(lines, [line])
    }
  })
})

await t.test('AutoActive', async t => {
  await t.test('sends PORT if EPRT is unknown, and remembers that the second time', async t => {
    for (const code of [500, 501, 502, 522]) {
      const { session, since, profile } = await sessionWith(t, 'AutoActive', {
        on: { EPRT: ctx => ctx.reply(`${code} No`) },
      })
      for (let n = 0; n < 3; n++) t.same(await receive(session), ['0123456789', 226])
      t.same(
        since().map(line => line.split(' ')[0]),
        ['EPRT', 'PORT', 'RETR', 'EPRT', 'PORT', 'RETR', 'PORT', 'RETR'],
      )
      t.ok(profile.can.eprt.failed)
    }
  })

  await t.test('does not after a temporary refusal of EPRT', async t => {
    const { session, since, profile } = await sessionWith(t, 'AutoActive', {
      on: { EPRT: ctx => ctx.reply('425 Not now') },
    })
    await t.rejects(receive(session), { code: 'ERR_FTP_DATA_CONNECTION', cause: { code: 425 } })
    t.equal(since().length, 1)
    t.ok(profile.can.eprt.usable)
    await inStep(t, session)
  })
})

await t.test('a server that refuses to connect is a clear error, and no port stays open', async t => {
  for (const [type, script] of [
    ['EPRT', { eprt: 'refused' }],
    ['PORT', { port: 'refused' }],
    ['AutoActive', { eprt: 'refused', port: 'refused' }],
  ] as const) {
    const { session } = await sessionWith(t, type, script)
    const before = handles()
    await t.rejects(receive(session), {
      code: 'ERR_FTP_DATA_CONNECTION',
      message: /^The server refuses to open a data connection: 500 /,
    })
    await until(() => handles() === before)
    await inStep(t, session)
  }
})

await t.test('activePorts', async t => {
  await t.test('is the range of the ports that the server gets', async t => {
    const ports: number[] = []
    const { session, server } = await sessionWith(t, 'EPRT', {
      on: {
        EPRT(ctx) {
          ports.push(namedPort(ctx))
          return ctx.next()
        },
      },
    })
    // It was free a moment ago.
    const listener = await takePort(t)
    const min = portOf(listener)
    listener.close()
    Object.assign(session.options, { activePorts: { min, max: min } })
    for (let round = 0; round < 5; round++) t.same(await receive(session), ['0123456789', 226])
    t.same(
      ports,
      Array.from({ length: 5 }, () => min),
      'repeatedly',
    )
    t.equal(server.connections, 1)
  })

  await t.test('may be partly in use', async t => {
    const taken = await takePort(t)
    const min = portOf(taken)
    const { session } = await sessionWith(t, 'EPRT', {}, { activePorts: { min, max: min + 20 } })
    for (let round = 0; round < 10; round++) t.same(await receive(session), ['0123456789', 226])
  })

  await t.test('is named in the error if all of it is in use', async t => {
    const port = portOf(await takePort(t))
    const { session } = await sessionWith(t, 'EPRT', {}, { activePorts: { min: port, max: port } })
    await t.rejects(receive(session), {
      code: 'ERR_FTP_DATA_CONNECTION',
      message: `No port of activePorts (${port} to ${port}) is free`,
    })
    await inStep(t, session)
  })

  await t.test('without permission to listen is a clear error', async t => {
    const { session } = await sessionWith(t, 'EPRT', {}, { activePorts: { min: 70_000, max: 70_000 } })
    await t.rejects(receive(session), {
      code: 'ERR_FTP_DATA_CONNECTION',
      message: /^Cannot listen for data connections: .*65536/,
    })
    await inStep(t, session)
  })
})

await t.test('a connection that is not from the server', async t => {
  await t.test('is closed, and the server’s is taken', async t => {
    const noted = t.capture(Log.prototype, 'note')
    const seen: Promise<string>[] = []
    const { session } = await sessionWith(t, 'EPRT', {
      on: {
        async EPRT(ctx) {
          const socket = connect({ host: '127.0.0.1', port: namedPort(ctx), localAddress: '127.0.0.2' })
          socket.on('error', () => {})
          let got = ''
          socket.on('data', chunk => (got += String(chunk)))
          seen.push(new Promise(resolve => socket.once('close', () => resolve(got))))
          await once(socket, 'connect')
          socket.write('forged')
          await ctx.next()
        },
      },
    })
    t.same(await receive(session), ['0123456789', 226])
    t.equal(await send(session, '/b', 'secret'), 226)
    t.same(await Promise.all(seen), ['', ''], 'it gets nothing')
    t.match(
      noted().map(({ args: [, text] }) => text),
      [/^refused a data connection from 127\.0\.0\.2, /, /^refused a data connection from 127\.0\.0\.2, /],
    )
  })

  await t.test('is not enough: an error within shortTimeout', async t => {
    const { session } = await sessionWith(t, 'EPRT', { activeFrom: '127.0.0.2' }, { shortTimeout: short })
    const before = handles()
    await t.rejects(receive(session), { code: 'ERR_FTP_DATA_CONNECTION' })
    await until(() => handles() <= before)
  })
})

await t.test('a server that never connects', async t => {
  for (const [known, greeting] of Object.entries(greetings)) {
    for (const says of ['says nothing', 'says 150', 'says 425 in the end']) {
      await t.test(`and ${says}, is an error within shortTimeout (${known})`, async t => {
        const never: Handler = async ctx => {
          if (says === 'says 150') ctx.reply('150 Here')
          if (says !== 'says 425 in the end') return
          await new Promise(resolve => setTimeout(resolve, short + 100))
          ctx.reply('425 Cannot open data connection')
        }
        for (const verb of ['RETR', 'STOR'] as const) {
          const { session } = await sessionWith(
            t,
            'EPRT',
            { greeting, on: { [verb]: never } },
            { shortTimeout: short },
          )
          const before = handles()
          const transfer: Promise<unknown> = verb === 'RETR' ? receive(session) : send(session, '/b', 'x')
          await t.rejects(transfer, {
            code: /^(?:ERR_FTP_DATA_CONNECTION|ETIMEDOUT)$/,
          })
          t.ok(session.usable || session.closed)
          await until(() => handles() <= before)
        }
      })
    }
  }

  await t.test('because it cannot: its reply is the error', async t => {
    const { session } = await sessionWith(t, 'EPRT', {
      on: { RETR: ctx => ctx.reply('425 Cannot open data connection') },
    })
    const before = handles()
    t.same(await receive(session), ['', 425])
    await until(() => handles() === before)
    await inStep(t, session)
  })
})

await t.test('a refused transfer closes the port', async t => {
  const { session } = await sessionWith(t, 'EPRT')
  const before = handles()
  t.same(await receive(session, 'RETR', '/missing'), ['', 550])
  t.equal(await send(session, '/missing/b', 'x'), 550)
  const judged = await Incoming.open(session, {
    along: [command('CWD', '/missing')],
    judge: ([cwd]) => cwd,
    commands: [command('LIST')],
    onData: () => {},
  })
  t.match(judged, { code: 550 })
  await t.rejects(receive(session, 'RETR', '/a\n'), { code: 'ERR_INVALID_ARG_VALUE' })
  await until(() => handles() === before)
  await inStep(t, session)
})

for (const [known, greeting] of Object.entries(greetings)) {
  await t.test(`stopping early, on a server that is ${known}`, async t => {
    await t.test('in the middle', async t => {
      const { session, server } = await sessionWith(t, 'EPRT', { greeting })
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
      t.equal(server.connections, 1)
    })

    await t.test('before the server has connected', async t => {
      let release = (): void => {}
      const held = new Promise<void>(resolve => (release = resolve))
      const { session } = await sessionWith(t, 'EPRT', {
        greeting,
        on: {
          async RETR(ctx) {
            await held
            await ctx.next()
          },
        },
      })
      const before = handles()
      const incoming = (await Incoming.open(session, {
        commands: [command('RETR', '/big')],
        onData: () => t.fail('no byte is wanted any more'),
      })) as Incoming
      const stopping = incoming.stop()
      release()
      await stopping
      await inStep(t, session)
      await until(() => handles() === before)
    })

    await t.test('by closing its session: the port is closed', async t => {
      const { session, server } = await sessionWith(t, 'EPRT', { greeting, on: { RETR: () => {} } })
      const before = handles()
      const receiving = receive(session)
      receiving.catch(() => {})
      await until(() => server.commands.some(({ line }) => line === 'RETR /a'))
      session.close()
      await t.rejects(receiving, { name: 'ConnectionLostError' })
      await until(() => handles() < before)
    })

    await t.test('by the loss of its session: the port is closed within shortTimeout', async t => {
      const { session } = await sessionWith(
        t,
        'EPRT',
        { greeting, cut: { command: 'RETR', what: 'both' } },
        { shortTimeout: short },
      )
      const before = handles()
      await t.rejects(receive(session))
      await until(() => handles() < before)
    })
  })
}

await t.test('over TLS', async t => {
  for (const [known, greeting] of Object.entries(greetings)) {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const handshakeAfter of ['150', 'connect'] as const) {
        await t.test(`${version}, after ${handshakeAfter}, on a server that is ${known}`, async t => {
          const given = await securedSession(t, {
            tls: { minVersion: version, maxVersion: version, sessionReuse: 'required', handshakeAfter },
            script: { greeting, files },
            options: { dataConnectionType: 'AutoActive' },
          })
          await everything(t, given)
          const onData = given.server.handshakes.filter(({ on }) => on === 'data')
          t.equal(onData.length, 4)
          t.ok(onData.every(({ reused }) => reused))
        })
      }
    }
  }

  await t.test('a refused transfer closes the port', async t => {
    const { session } = await securedSession(t, {
      script: { files },
      options: { dataConnectionType: 'EPRT' },
    })
    const before = handles()
    t.same(await receive(session, 'RETR', '/missing'), ['', 550])
    t.equal(await send(session, '/missing/b', 'x'), 550)
    await until(() => handles() === before)
    await inStep(t, session)
  })
})
