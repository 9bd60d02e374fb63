import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { ConnectionLostError } from '../../../lib/wire/ftp-errors.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'
import type { Handler } from '../../support/scripted-server.js'
import { bare, knownGreeting, scripted, scriptedSession, short } from '../scripted-session.js'
import type { ServerProfile } from '../../../lib/wire/server/server-profile.js'

const codes = (replies: readonly Reply[]) => replies.map(({ code }) => code)
const sizes = (count: number) => Array.from({ length: count }, (_, i) => command('SIZE', `/${i}`))
/** A port without a listener. */
async function closedPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  return port
}

await t.test('connecting', async t => {
  await t.test('gives the greeting; 120 only announces it', async t => {
    const { bare } = await scripted(t, { greeting: '120 In a minute\r\n220-Hello\r\n220 you' })
    const session = bare()
    t.match(await session.connect(), { code: 220, lines: ['220-Hello', '220 you'] })
    t.match(session, { address: '127.0.0.1', closed: false, usable: true })
  })

  await t.test('a greeting may be a refusal', async t => {
    const { bare } = await scripted(t, { greeting: '421 Too many' })
    t.match(await bare().connect(), { code: 421 })
  })

  await t.test('no listener: the socket’s error, even with localhost’s two addresses', async t => {
    const port = await closedPort()
    for (const host of ['127.0.0.1', 'localhost']) {
      const { bare } = await scripted(t, {}, { host, port })
      const session = bare()
      await t.rejects(session.connect(), {
        code: 'ECONNREFUSED',
        syscall: 'connect',
        message: /ECONNREFUSED \S+:\d+/,
      })
      t.ok(session.closed)
    }
  })

  await t.test('an unknown host', async t => {
    const { bare } = await scripted(t, {}, { host: 'ftp.invalid' })
    await t.rejects(bare().connect(), { message: /getaddrinfo/ })
  })

  await t.test('no greeting within shortTimeout', async t => {
    const { bare, server } = await scripted(t, { greeting: '' }, { shortTimeout: short })
    await t.rejects(bare().connect(), {
      code: 'ETIMEDOUT',
      message: `No greeting from 127.0.0.1:${server.port} within ${short} ms`,
    })
  })

  await t.test('no valid greeting, or an end before it', async t => {
    const strange = await scripted(t, { greeting: 'SSH-2.0-x' })
    await t.rejects(strange.bare().connect(), { code: 'ERR_FTP_CONNECTION_LOST', message: /'SSH-2.0-x'/ })
    const listener = createServer(socket => socket.end()).listen(0, '127.0.0.1')
    t.teardown(() => listener.close())
    await once(listener, 'listening')
    const cut = await scripted(t, {}, { port: (listener.address() as AddressInfo).port })
    await t.rejects(cut.bare().connect(), { code: 'ERR_FTP_CONNECTION_LOST', message: /FIN/ })
  })

  await t.test('closed meanwhile', async t => {
    const { bare } = await scripted(t, { greeting: '' })
    const session = bare()
    const connecting = session.connect()
    session.close()
    await t.rejects(connecting, { code: 'ERR_FTP_CONNECTION_LOST', message: 'The session was closed' })
  })
})

await t.test('a flight', async t => {
  await t.test('is one write, and resolves with a reply to each command, refusals too', async t => {
    const { session, flightsSince } = await scriptedSession(t, { files: { '/a': 'abc' } })
    const replies = await session.flight([
      command('SIZE', '/a'),
      command('SIZE', '/b'),
      command('NOOP'),
      command('NONSENSE'),
    ])
    t.same(codes(replies), [213, 550, 200, 500])
    t.same(flightsSince(), [['SIZE /a', 'SIZE /b', 'NOOP', 'NONSENSE']])
    t.ok(session.usable)
  })

  for (const [how, script] of Object.entries({
    'byte by byte': { replySplit: 'every-byte' },
    'in one packet': { joinReplies: true },
  } as const)) {
    await t.test(`its replies may come ${how}`, async t => {
      const { session } = await scriptedSession(t, { files: { '/a': 'x'.repeat(12_345) }, ...script })
      const replies = await session.flight([command('SIZE', '/a'), command('FEAT'), command('SIZE', '/a')])
      t.same(codes(replies), [213, 211, 213])
      t.same(replies[2]!.lines, ['213 12345'])
    })
  }

  await t.test('without commands sends nothing', async t => {
    const { session, flightsSince } = await scriptedSession(t)
    t.same(await session.flight([]), [])
    t.same(flightsSince(), [])
  })

  await t.test('is at most one segment on an unknown server', async t => {
    const { session, flightsSince } = await scriptedSession(t)
    t.equal((await session.flight(sizes(500))).length, 500)
    const flights = flightsSince()
    t.ok(flights.length > 3)
    for (const flight of flights) t.ok(flight.join('\r\n').length + 2 <= 1200)
  })

  await t.test('is at most 32 KiB on a known server', async t => {
    const { session, since } = await scriptedSession(t, { greeting: knownGreeting })
    const before = session.flights
    await session.flight(sizes(500))
    t.equal(session.flights - before, 1)
    await session.flight(sizes(5_000))
    t.equal(session.flights - before, 3, 'some 60 KiB')
    t.equal(since().length, 5_500)
  })

  await t.test('carries names byte by byte', async t => {
    const name = '/caf\xe9 \xff\x80 "x" %41'
    const { session, server, since } = await scriptedSession(t)
    t.same(
      codes(await session.flight([command('MKD', name), command('CWD', name), command('PWD')])),
      [257, 250, 257],
    )
    t.ok(server.files.has(name))
    t.same(since(), [`MKD ${name}`, `CWD ${name}`, 'PWD'])
  })

  await t.test('with CR, LF or NUL in a command is refused before anything is written', async t => {
    const { session, since } = await scriptedSession(t)
    for (const end of ['\r', '\n', '\0']) {
      const bad = command('DELE', `/a${end}DELE /b`)
      await t.rejects(session.flight([command('NOOP'), bad]), { code: 'ERR_INVALID_ARG_VALUE' })
      t.throws(() => session.begin([command('NOOP'), bad]), { code: 'ERR_INVALID_ARG_VALUE' })
    }
    t.ok(session.usable)
    await session.flight([command('NOOP')])
    t.same(since(), ['NOOP'])
  })
})

await t.test('a flight that is lost', async t => {
  await t.test('reports the replies that came and the commands that may have been carried out', async t => {
    const { session } = await scriptedSession(t, { cut: { command: 'RMD' } })
    const lost = session.flight(['/a', '/b', '/c'].map(path => command(path === '/c' ? 'RMD' : 'MKD', path)))
    const error = await lost.then(
      () => undefined,
      (error: unknown) => error,
    )
    t.type(error, ConnectionLostError)
    const { answered, attempted } = error as ConnectionLostError
    t.same(codes(answered), [257, 257])
    t.equal(attempted, 3)
    t.match(session, { closed: true, usable: false })
  })

  await t.test('counts the flights before it', async t => {
    const { session } = await scriptedSession(t, { cut: { command: 'NOOP' } })
    const commands = [...sizes(150), command('NOOP'), ...sizes(150)]
    const error = (await session.flight(commands).catch((error: unknown) => error)) as ConnectionLostError
    t.equal(error.answered.length, 150)
    t.ok(error.attempted > 150 && error.attempted < 301, 'unwritten commands were not attempted')
  })

  await t.test('by 421: the written commands may have been carried out', async t => {
    const { session } = await scriptedSession(t, { on: { RMD: ctx => ctx.reply('421 Bye') } })
    const commands = [command('MKD', '/a'), command('RMD', '/a'), command('MKD', '/b')]
    const error = (await session.flight(commands).catch((error: unknown) => error)) as ConnectionLostError
    t.match(error, { message: 'The server ended the session: 421 Bye', cause: { code: 421 }, attempted: 3 })
    t.same(codes(error.answered), [257])
  })

  await t.test('by endless preliminary replies', async t => {
    const MKD: Handler = async ctx => {
      while (!session.closed) {
        ctx.reply('150 In a while')
        await new Promise(resolve => setTimeout(resolve, short / 10))
      }
    }
    const { session } = await scriptedSession(t, { on: { MKD } }, { shortTimeout: short })
    await t.rejects(session.flight([command('MKD', '/a')]), {
      code: 'ETIMEDOUT',
      message: `No reply to MKD within ${short} ms`,
    })
  })

  await t.test('by silence', async t => {
    const { session } = await scriptedSession(
      t,
      { on: { MKD: () => new Promise(() => {}) } },
      { shortTimeout: short },
    )
    await t.rejects(session.flight([command('NOOP'), command('MKD', '/a')]), {
      code: 'ETIMEDOUT',
      message: `No reply to MKD within ${short} ms`,
    })
    t.ok(session.closed)
  })

  await t.test('by an extra reply, which may belong to any command', async t => {
    let again = () => {}
    const { session } = await scriptedSession(t, {
      on: {
        NOOP: ctx => {
          ctx.reply('200 one')
          again = () => ctx.reply('200 two')
        },
      },
    })
    t.same(codes(await session.flight([command('NOOP')])), [200])
    again()
    while (!session.closed) await new Promise(resolve => setImmediate(resolve))
    await t.rejects(session.flight([command('NOOP')]), {
      message: 'The server sent a reply to no command: 200 two',
    })
  })

  await t.test('by an extra reply with the last one: an earlier one may be stray', async t => {
    const { session, profile } = await scriptedSession(t, {
      joinReplies: true,
      on: {
        DELE: ctx => {
          ctx.reply('250 one')
          ctx.reply('250 two')
        },
      },
    })
    const error = await session
      .flight([command('DELE', '/a'), command('DELE', '/b')])
      .catch((reason: unknown) => reason)
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', answered: [], attempted: 2 })
    t.ok(profile.outOfStep)
  })

  await t.test('by a reply that belongs to another command: none before it is trusted', async t => {
    const { session, profile } = await scriptedSession(t, {
      files: { '/a': 'abc' },
      on: { MDTM: ctx => ctx.reply('226 Transfer complete') },
    })
    const error = await session
      .flight([command('SIZE', '/a'), command('MDTM', '/a')])
      .catch((reason: unknown) => reason)
    t.match(error, {
      message: 'The replies of the server are out of step: this is none to MDTM: 226 Transfer complete',
      answered: [],
      attempted: 2,
    })
    t.ok(profile.outOfStep)
    t.ok(session.closed)
  })

  await t.test('on a server that was out of step, a fence ends each', async t => {
    const { session, profile, since, server } = await scriptedSession(t, {
      files: { '/a': 'abc' },
      on: {
        CWD: ctx => {
          ctx.reply('250 Here')
          ctx.reply('250 Here')
        },
      },
    })
    profile.outOfStep = true
    const asked = () => session.flight([command('SIZE', '/a'), command('CWD', '/'), command('SIZE', '/none')])
    t.same(codes(await asked()), [213, 250, 550])
    t.equal(server.commands.at(-1)!.line, 'SYST')
    t.match(since(), ['SIZE /a', 'CWD /', 'SIZE /none', /^REST \d+$/, 'REST 0'])
    t.same(codes(await asked()), [213, 250, 550])
    t.match(since(), ['SIZE /a', 'CWD /', 'SIZE /none', /^REST \d+$/, 'REST 0'])
    t.equal(session.flights, 4 + 2, 'in the same write')
    await session.flight([command('REST 5')])
    t.match(since(), ['REST 5', /^REST \d+$/, 'REST 5'])
  })

  await t.test('SYST ends several commands, and a change, on an unknown server', async t => {
    for (const [greeting, asked] of [
      ['220 scripted', 3],
      [knownGreeting, 0],
    ] as const) {
      const { session, server } = await scriptedSession(t, { greeting, files: { '/a': '', '/b': '' } })
      const before = server.commands.length
      await session.flight(sizes(1))
      await session.flight(sizes(2))
      await session.flight([command('DELE', '/a')])
      await session.flight([command('RNFR', '/b'), command('RNTO', '/c')])
      await session.flight([command('RNFR', '/c')])
      const lines = server.commands.slice(before).map(({ line }) => line)
      t.equal(lines.filter(line => line === 'SYST').length, asked)
      t.equal(session.flights - (await scriptedSession(t, { greeting })).session.flights, 5)
    }
  })

  await t.test('not if it does not know SYST', async t => {
    const { session, server } = await scriptedSession(t, { on: { SYST: ctx => ctx.reply('502 No SYST') } })
    const before = server.commands.length
    t.same(codes(await session.flight(sizes(2))), [550, 550])
    t.equal(server.commands.length, before + 2)
  })

  await t.test('a stray reply before those to several commands, the first one of the server', async t => {
    const { session, profile } = await scriptedSession(t, {
      files: { '/0': '', '/1': 'x' },
      on: {
        SIZE: async ctx => {
          if (ctx.n === 1) ctx.reply('213 7')
          // Then as many replies have come as there are commands.
          if (ctx.n === 2) await sleep(5)
          return ctx.next()
        },
      },
    })
    await t.rejects(session.flight(sizes(2)), { message: /cannot be distinguished from others/ })
    t.ok(profile.outOfStep)
  })

  await t.test('a single change after a repeated reply', async t => {
    const { session, profile } = await scriptedSession(t, {
      on: {
        DELE: ctx => {
          ctx.reply('250 Done')
          ctx.reply('550 No such file')
        },
      },
    })
    await t.rejects(session.flight([command('DELE', '/a')]), {
      message: /DELE cannot be distinguished from others/,
    })
    t.ok(profile.outOfStep)
  })

  await t.test('lost: the fitting replies that have come are known', async t => {
    const { session } = await scriptedSession(t, {
      files: { '/0': 'abc' },
      on: { DELE: ctx => ctx.connection.drop('control') },
    })
    const error = await session
      .flight([...sizes(1), command('DELE', '/0')])
      .catch((reason: unknown) => reason as ConnectionLostError)
    t.match(error, { answered: [{ code: 213 }], attempted: 2 })
  })

  await t.test('with ambiguous replies', async t => {
    const { session, profile } = await scriptedSession(t, {
      files: { '/a': 'abc' },
      on: {
        SIZE: ctx => {
          ctx.reply('213 5')
          return ctx.next()
        },
      },
    })
    profile.outOfStep = true
    await t.rejects(session.flight([command('SIZE', '/a')]), {
      message: 'The replies to SIZE cannot be distinguished from others: 213 3',
    })
  })

  await t.test('the same odd reply to a single command on two sessions is the server’s way', async t => {
    const { session, profile, logIn } = await scriptedSession(t, {
      on: { DELE: ctx => ctx.reply('226 File gone') },
    })
    await t.rejects(session.flight([command('DELE', '/a')]), { message: /out of step.*226 File gone/ })
    t.ok(profile.outOfStep)
    const second = await logIn()
    t.same(codes(await second.flight([command('DELE', '/a')])), [226])
    t.notOk(profile.outOfStep)
  })

  await t.test('on a closed session: nothing was attempted', async t => {
    const { session } = await scriptedSession(t)
    session.close()
    t.ok(session.signal.aborted)
    const error = (await session.flight(sizes(2)).catch((error: unknown) => error)) as ConnectionLostError
    t.match(error, { message: 'The session was closed', answered: [], attempted: 0 })
  })

  await t.test('the end is reported once', async t => {
    const { session } = await scriptedSession(t)
    let told = 0
    session.onClosed = () => told++
    session.close()
    session.close()
    t.equal(told, 1)
  })
})

await t.test('a server that answers only the first of several commands', async t => {
  await t.test('is detected before shortTimeout, and gets them one by one from then on', async t => {
    const { logIn, profile, server, flightsSince } = await scripted(
      t,
      { answersOnlyFirst: true },
      { shortTimeout: 600_000 },
    )
    await t.rejects(logIn(), {
      code: 'ERR_FTP_CONNECTION_LOST',
      message: /does not answer pipelined commands/,
    })
    t.equal(profile.can.pipelining.state, 'failed')
    flightsSince()

    const session = await logIn()
    t.same(codes(await session.flight([command('NOOP'), command('PWD'), command('NOOP')])), [200, 257, 200])
    for (const flight of flightsSince()) t.equal(flight.length, 1, flight.join(', '))
    t.equal(profile.can.pipelining.state, 'failed')
    t.equal(server.connections, 2)
  })

  await t.test('is detected even if it is mistaken for a known one', async t => {
    const script = { answersOnlyFirst: true, greeting: knownGreeting }
    const { logIn, profile, since, flightsSince } = await scripted(t, script, { shortTimeout: 1_200 })
    await t.rejects(logIn(), { code: 'ERR_FTP_CONNECTION_LOST' })
    t.equal(profile.can.pipelining.state, 'failed')
    flightsSince()
    await logIn()
    for (const flight of flightsSince()) t.equal(flight.length, 1, flight.join(', '))
    t.ok(since().includes('PASS password'))
  })

  await t.test('is not confused with one that is slow to answer the first', async t => {
    const { logIn, profile } = await scripted(
      t,
      { on: { TYPE: () => new Promise(() => {}) } },
      { shortTimeout: short },
    )
    await t.rejects(logIn(), { code: 'ETIMEDOUT', message: /No reply to TYPE/ })
    t.equal(profile.can.pipelining.state, 'untried')
  })

  await t.test('is not cleared by a late reply to an earlier flight', async t => {
    const { session, profile } = await scriptedSession(t)
    const flight = session.flight([command('NOOP'), command('NOOP')])
    profile.can.pipelining.fail()
    await flight
    t.equal(profile.can.pipelining.state, 'failed')
  })

  await t.test('a server that answers all is remembered', async t => {
    const { profile } = await scriptedSession(t)
    t.equal(profile.can.pipelining.state, 'proven')
  })
})

await t.test('the working directory', async t => {
  const files = { '/a/1': '1', '/a/2': '22', '/b/1': '333', '/1': '' }

  await t.test('is not changed needlessly', async t => {
    const { session, since, profile } = await scriptedSession(t, { files })
    profile.can.entering.succeed()
    const list = (folder: string) => session.flight([...session.into(folder), command('NOOP')])
    for (const folder of ['/', '/a', '/a', '/b', '/b', '/']) await list(folder)
    t.same(since(), ['NOOP', 'CWD /a', 'NOOP', 'NOOP', 'CWD /b', 'NOOP', 'NOOP', 'CWD /', 'NOOP'])
  })

  await t.test('is unknown after a reconnect', async t => {
    const { session, logIn, profile } = await scriptedSession(t, { files })
    profile.can.entering.succeed()
    await session.flight([command('CWD', '/a')])
    t.same(session.into('/a'), [])
    t.same((await logIn()).into('/a'), [command('CWD', '/a')])
  })

  await t.test('is forgotten when any session of the pool removes or renames it', async t => {
    const { session, logIn } = await scriptedSession(t, { files: { '/a': null } })
    const other = await logIn()
    await session.flight([command('CWD', '/a')])
    await other.flight([command('RNFR', '/a'), command('RNTO', '/c')])
    t.same(session.into('/a'), [command('CWD', '/a')])
    await session.flight([command('CWD', '/c')])
    await other.flight([command('RMD', '/c')])
    t.same(session.into('/c'), [command('CWD', '/c')])
  })
})

await t.test('bare names', async t => {
  const files = { '/a/1': '1', '/a/2': '22', '/b/1': '333', '/1': '' }
  const bareNames = (t: Parameters<typeof scriptedSession>[0], script = {}) =>
    scriptedSession(t, { files, ...script })

  await t.test('are sent in their folder, which the session enters once', async t => {
    const { session, flightsSince } = await bareNames(t)
    const replies = await session.flight([
      bare('SIZE', '/a/1'),
      bare('SIZE', '/a/2'),
      bare('SIZE', '/b/1'),
      bare('SIZE', '/1'),
    ])
    t.same(codes(replies), [213, 213, 213, 213])
    t.same(replies[2]!.lines, ['213 3'])
    t.same(
      flightsSince(),
      [['CWD /a', 'PWD'], ['SIZE 1', 'SIZE 2'], ['CWD /b'], ['SIZE 1'], ['CWD /'], ['SIZE 1']],
      'PWD has shown that CWD moves',
    )
    await session.flight([bare('SIZE', '/1')])
    t.same(flightsSince(), [['SIZE 1']])
  })

  await t.test('begins in the login directory', async t => {
    const { session, since } = await bareNames(t)
    await session.flight([bare('SIZE', '/1')])
    t.same(since(), ['SIZE 1'])
  })

  await t.test('sends nothing more if it cannot enter the folder', async t => {
    const { session, since } = await bareNames(t)
    const replies = await session.flight([
      bare('DELE', '/1'),
      bare('DELE', '/missing/1'),
      bare('DELE', '/missing/2'),
      bare('DELE', '/a/1'),
    ])
    t.same(codes(replies), [250, 550, 550, 250])
    t.same(since(), ['DELE 1', 'CWD /missing', 'PWD', 'CWD /a', 'PWD', 'DELE 1'])
  })

  await t.test('renames across folders: no CWD comes between RNFR and RNTO', async t => {
    const { session, since, server } = await bareNames(t)
    const replies = await session.flight([bare('RNFR', '/a/1'), bare('RNTO', '/b/2')])
    t.same(codes(replies), [350, 250])
    t.same(since(), ['CWD /a', 'PWD', 'RNFR 1', 'RNTO /b/2'])
    t.ok(server.files.has('/b/2'))
  })

  await t.test('also works one command at a time', async t => {
    const { session, profile, flightsSince } = await bareNames(t)
    profile.can.pipelining.fail()
    await session.flight([bare('RNFR', '/a/1'), bare('RNTO', '/b/2'), bare('SIZE', '/b/2')])
    t.same(flightsSince(), [['CWD /a'], ['PWD'], ['RNFR 1'], ['RNTO /b/2'], ['CWD /b'], ['SIZE 2']])
  })

  await t.test('a connection lost at the CWD: no command was attempted', async t => {
    const { session } = await bareNames(t, { cut: { command: 'CWD' } })
    const error = (await session
      .flight([bare('MKD', '/1'), bare('MKD', '/a/x')])
      .catch((error: unknown) => error)) as ConnectionLostError
    t.same(codes(error.answered), [550])
    t.equal(error.attempted, 1)
  })
})

await t.test('an idle session does not keep the process alive', async t => {
  const { session } = await scriptedSession(t)
  const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
  const held = sockets()
  session.hold(false)
  t.equal(sockets(), held - 1)
  session.hold(true)
  t.equal(sockets(), held)
})

await t.test('its signal', async t => {
  await t.test('is aborted when it is closed from here', async t => {
    const { session } = await scriptedSession(t)
    t.notOk(session.signal.aborted)
    const reason = new ConnectionLostError('enough')
    session.close(reason)
    t.ok(session.signal.aborted)
    t.equal(session.signal.reason, reason)
  })

  await t.test('is not when it was lost: the bytes of a transfer may still come', async t => {
    for (const drop of ['both', 'control'] as const) {
      const { session } = await scriptedSession(t, { on: { NOOP: ctx => ctx.connection.drop(drop) } })
      await t.rejects(session.flight([command('NOOP')]), { code: 'ERR_FTP_CONNECTION_LOST' })
      t.ok(session.closed)
      session.close()
      t.notOk(session.signal.aborted)
    }
  })
})

await t.test('it knows its own address as the server sees it', async t => {
  for (const host of ['127.0.0.1', '::1']) {
    const { session } = await scriptedSession(t, { host }, { host })
    t.match(session, { address: host, localAddress: host })
  }
})

await t.test(
  'ProFTPD gets a flight in writes of one segment, each after it has read the one before',
  async t => {
    const { session, flightsSince } = await scriptedSession(t, {
      greeting: '220 ProFTPD Server ready',
      files: { '/a': 'abc' },
    })
    const asked = Array.from({ length: 300 }, (_, index) =>
      command('SIZE', index % 3 ? '/a' : `/none-${index}`),
    )
    const replies = await session.flight(asked)
    t.same(
      replies.map(({ code }) => code),
      asked.map(({ path }) => (path === '/a' ? 213 : 550)),
    )
    t.equal(session.flights, 2, 'the login and this flight')
    const writes = flightsSince()
    t.ok(writes.length > 2)
    t.same(
      writes.flat(),
      asked.map(({ verb, path }) => `${verb} ${path}`),
    )
    for (const lines of writes.slice(0, 2)) t.ok(lines.join('\r\n').length <= 1200)
  },
)

await t.test('so it does where each flight ends with a question of ours', async t => {
  const { session, profile, flightsSince } = await scriptedSession(t, {
    greeting: '220 ProFTPD Server ready',
    files: { '/a': 'abc' },
  })
  profile.outOfStep = true
  const asked = Array.from({ length: 300 }, () => command('SIZE', '/a'))
  t.same(
    codes(await session.flight(asked)),
    asked.map(() => 213),
  )
  t.ok(flightsSince().length > 2)
})

await t.test('a server that holds back the later replies to a write', async t => {
  const files = { '/0': 'a', '/1': 'bc' }
  const asked = sizes(3)
  // As Nagle's algorithm does until the first one is acknowledged, which takes 40 ms.
  const pause = (nth: number) => (nth === 1 ? 300 : 0)
  /** It has been seen to do so, for long. */
  const seen = ({ flightTimes }: ServerProfile) => {
    flightTimes.first(1)
    for (let count = 0; count < 3; count++)
      flightTimes.together({ commands: 3, milliseconds: 10_001, silence: 10_000 })
  }

  await t.test('gets commands one by one, and the question behind them, too', async t => {
    const { session, profile, server, flightsSince } = await scriptedSession(t, { pause, files })
    for (let count = 0; count < 5; count++) t.same(codes(await session.flight(asked)), [213, 213, 550])
    const together = ['SIZE /0', 'SIZE /1', 'SIZE /2']
    const oneByOne = [...together.map(line => [line]), ['SYST']]
    t.same(flightsSince(), [together, together, together, ...oneByOne, ...oneByOne])
    t.equal(profile.can.promptPipelining.state, 'failed')
    t.equal(profile.can.pipelining.state, 'proven')
    t.notOk(profile.setsTransfersApart)
    t.same(codes(await session.flight([command('DELE', '/0')])), [250])
    t.same(flightsSince(), [['DELE /0'], ['SYST']])
    t.equal(session.flights, (await scriptedSession(t)).session.flights + 6)
    t.notOk(server.files.has('/0'))
  })

  await t.test('gets them so in all its sessions', async t => {
    const { logIn, profile, flightsSince } = await scriptedSession(t, { files })
    seen(profile)
    const other = await logIn()
    flightsSince()
    t.same(codes(await other.flight(asked)), [213, 213, 550])
    t.same(flightsSince(), [['SIZE /0'], ['SIZE /1'], ['SIZE /2'], ['SYST']])
  })

  await t.test('also where each flight ends with a question whose answer is a number of ours', async t => {
    const { session, profile, flightsSince } = await scriptedSession(t, { files })
    seen(profile)
    profile.outOfStep = true
    t.same(codes(await session.flight(asked)), [213, 213, 550])
    const each = [['SIZE /0'], ['SIZE /1'], ['SIZE /2']]
    t.match(flightsSince(), [...each, [/^REST \d+$/], ['REST 0']])
  })

  await t.test('lost in between: what was not written was not attempted', async t => {
    const { session, profile } = await scriptedSession(t, { files, cut: { command: 'SIZE', nth: 2 } })
    seen(profile)
    const error = await session.flight(asked).then(
      () => undefined,
      (error: unknown) => error as ConnectionLostError,
    )
    t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', attempted: 2 })
    t.same(codes(error!.answered), [213])
  })

  await t.test('transfers go as they did', async t => {
    const { session, profile, flightsSince } = await scriptedSession(t, { files })
    seen(profile)
    await session.begin([command('REST 0'), command('RETR', '/none')]).done
    t.same(flightsSince(), [['REST 0', 'RETR /none']])
  })

  await t.test('not where it is known', async t => {
    const { session, profile, flightsSince } = await scriptedSession(t, { files, greeting: knownGreeting })
    seen(profile)
    await session.flight(asked)
    t.same(flightsSince(), [['SIZE /0', 'SIZE /1', 'SIZE /2']])
  })

  await t.test('not where it is far, and answers all at once', async t => {
    const { session, profile, flightsSince } = await scriptedSession(t, {
      pause: nth => (nth === 0 ? 50 : 0),
      files,
    })
    for (let count = 0; count < 6; count++) await session.flight(asked)
    for (const lines of flightsSince()) t.equal(lines.length, 3)
    t.equal(profile.can.promptPipelining.state, 'proven')
  })
})
