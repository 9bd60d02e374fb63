import { once } from 'node:events'
import { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Outgoing, type OutgoingOptions } from '../../../lib/wire/data/outgoing.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'
import type { Session } from '../../../lib/wire/session/session.js'
import type { CommandContext, Handler, Script } from '../../support/scripted-server.js'
import { bare, knownGreeting, scriptedSession, short } from '../scripted-session.js'
import { until } from '../../support/until.js'

const chunk = Buffer.alloc(64 * 1024, 'ab')
const files = { '/a': '0123456789', '/d': null }

const open = (session: Session, path: string, options: Partial<OutgoingOptions> = {}) =>
  Outgoing.open(session, { command: command('STOR', path), ...options })
const sending = async (...options: Parameters<typeof open>) => (await open(...options)) as Outgoing
const codes = (replies: readonly Reply[]) => replies.map(({ code }) => code)
async function inStep(t: Test, session: Session) {
  t.ok(session.usable, 'the session is usable again')
  t.same((await session.flight([command('SIZE', '/a')]))[0]!.lines, ['213 10'])
}
const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
/** Writes until the connection is reported gone. */
async function writeOn(outgoing: Outgoing): Promise<void> {
  while (await outgoing.write(chunk)) await new Promise(resolve => setImmediate(resolve))
}

await t.test('the bytes arrive, then the replies', async t => {
  const { session, server, flightsSince } = await scriptedSession(t, { files })
  for (const [path, chunks] of Object.entries({
    '/empty': [],
    '/small': ['abc', '', 'def'],
    '/big': Array.from({ length: 64 }, () => chunk),
    '/one': [Buffer.alloc(3_000_000, 'xyz')],
  })) {
    const bytes = chunks.map(part => Buffer.from(part))
    const outgoing = await sending(session, path)
    for (const part of bytes) t.equal(await outgoing.write(part), true)
    t.same(codes(await outgoing.end()), [226])
    t.ok(Buffer.concat(bytes).equals(server.files.get(path)!.content as Buffer), path)
    await inStep(t, session)
  }
  t.same(flightsSince().slice(0, 2), [['EPSV'], ['STOR /empty']])
})

await t.test('the first bytes go before the 1xx', async t => {
  const late: Handler = async ctx => {
    const socket = await ctx.data
    const [first] = (await once(socket, 'data')) as [Buffer]
    socket.resume()
    ctx.reply(`150 After ${first.length} bytes`)
    await once(socket, 'end')
    ctx.reply('226 Done')
    socket.end()
  }

  await t.test('on a known server', async t => {
    const { session } = await scriptedSession(t, {
      greeting: knownGreeting,
      files,
      on: { APPE: late },
    })
    const early = await sending(session, '/a', { command: command('APPE', '/a') })
    t.notOk(early.accepted)
    await early.write(Buffer.from('abc'))
    t.equal(await early.begun(), true)
    t.ok(early.accepted)
    t.same(codes(await early.end()), [226])
    await inStep(t, session)
  })

  await t.test('not on another', async t => {
    const { session } = await scriptedSession(t, { files })
    await (await sending(session, '/b')).end()
    const next = await sending(session, '/c')
    t.ok(next.accepted)
    await next.end()
  })

  await t.test('a refusal then comes from end', async t => {
    const refuse: Handler = ctx => ctx.reply('553 No')
    const { session } = await scriptedSession(t, { greeting: knownGreeting, files, on: { APPE: refuse } })
    const refused = await open(session, '/a', { command: command('APPE', '/a') })
    if (refused instanceof Outgoing) {
      await writeOn(refused)
      t.equal(await refused.begun(), false)
      t.same(codes(await refused.end()), [553])
    } else {
      t.equal(refused.code, 553)
    }
    await inStep(t, session)
  })
})

await t.test('its commands', async t => {
  await t.test('are sent as early as possible: with EPSV, before and after STOR', async t => {
    const { session, flightsSince, server } = await scriptedSession(t, { greeting: knownGreeting, files })
    const asked: Reply[] = []
    const outgoing = await sending(session, '/a', {
      along: [command('SIZE', '/a')],
      judge: replies => void asked.push(...replies),
      before: command('REST 4'),
      behind: [command('SIZE', '/a')],
    })
    await outgoing.write(Buffer.from('xy'))
    const replies = await outgoing.end()
    t.same(
      replies.map(({ lines }) => lines[0]),
      ['226 Transfer complete', '213 10'],
    )
    t.same(
      asked.map(({ lines }) => lines[0]),
      ['213 10'],
    )
    t.same(flightsSince(), [['SIZE /a', 'EPSV'], ['REST 4'], ['STOR /a', 'SIZE /a', 'EPSV']])
    t.same(server.files.get('/a')!.content.toString(), '0123xy6789')
  })

  await t.test('after STOR are omitted if pipelining does not work', async t => {
    const { session, profile, flightsSince } = await scriptedSession(t, { greeting: knownGreeting, files })
    profile.can.pipelining.fail()
    const outgoing = await sending(session, '/b', { behind: [command('SIZE', '/b')] })
    t.same(codes(await outgoing.end()), [226])
    t.same(flightsSince(), [['EPSV'], ['STOR /b']])
  })

  await t.test('append', async t => {
    const { session, server } = await scriptedSession(t, { files })
    const outgoing = await sending(session, '/a', { command: command('APPE', '/a') })
    await outgoing.write(Buffer.from('abc'))
    await outgoing.end()
    t.same(server.files.get('/a')!.content.toString(), '0123456789abc')
  })

  await t.test('may have bare names, with REST right before STOR', async t => {
    const { session, since } = await scriptedSession(t, { files })
    const outgoing = await sending(session, '/d/x', {
      before: command('REST 0'),
      command: bare('STOR', '/d/x'),
    })
    await outgoing.end()
    t.same(since(), ['CWD /d', 'PWD', 'EPSV', 'REST 0', 'STOR x'])
    t.match(await open(session, '', { command: bare('STOR', '/missing/x') }), { code: 550 })
    t.same(since(), ['CWD /missing'], 'if the folder cannot be entered, nothing else is sent')
  })
})

await t.test('a refusal', async t => {
  const refusals: [
    title: string,
    path: string,
    options: Partial<OutgoingOptions>,
    script: Record<string, Handler>,
  ][] = [
    ['of the judge', '/b', { along: [command('SIZE', '/b')], judge: ([size]) => size }, {}],
    ['of REST', '/a', { before: command('REST 4') }, { REST: ctx => ctx.reply('550 No REST') }],
    ['of the transfer', '/missing/x', {}, {}],
    ['of the transfer, with a command behind it', '/missing/x', { behind: [command('SIZE', '/a')] }, {}],
  ]
  for (const [title, path, options, on] of refusals) {
    await t.test(`${title}: nothing is stored and no connection stays open`, async t => {
      const { session, server } = await scriptedSession(t, { files, on })
      const before = { timers: timers(), files: [...server.files.keys()] }
      t.match(await open(session, path, options), { code: 550 })
      t.same([...server.files.keys()], before.files)
      t.equal(timers(), before.timers)
      await inStep(t, session)
    })
  }

  await t.test('with a reset of the data connection', async t => {
    const { session } = await scriptedSession(t, {
      files,
      on: {
        async STOR(ctx) {
          ;(await ctx.data).resetAndDestroy()
          await new Promise(resolve => setTimeout(resolve, 20))
          ctx.reply('550 Not here')
        },
      },
    })
    t.match(await open(session, '/b'), { code: 550 })
    await inStep(t, session)
  })

  await t.test('in the middle ends the writes', async t => {
    for (const reset of [false, true]) {
      const script: Script = {
        files,
        on: {
          async STOR(ctx) {
            const socket = await ctx.data
            ctx.reply('150 Go on')
            await new Promise(resolve => socket.once('data', resolve))
            socket.pause()
            ctx.reply('552 Disk full')
            if (reset) socket.resetAndDestroy()
          },
        },
      }
      const { session } = await scriptedSession(t, script, { readWriteTimeout: 1_000_000 })
      const outgoing = await sending(session, '/b')
      await writeOn(outgoing)
      t.same(codes(await outgoing.end()), [552])
      await inStep(t, session)
    }
  })

  await t.test('right after the 150', async t => {
    const { session } = await scriptedSession(t, {
      files,
      joinReplies: true,
      on: {
        STOR(ctx) {
          ctx.reply('150 Go on')
          ctx.reply('452 No space')
        },
      },
    })
    const outgoing = await sending(session, '/b')
    await writeOn(outgoing)
    t.same(codes(await outgoing.end()), [452])
    await inStep(t, session)
  })

  await t.test('to send an invalid name leaves no connection open', async t => {
    const { session } = await scriptedSession(t, { files })
    await t.rejects(open(session, '/a\r'), { code: 'ERR_INVALID_ARG_VALUE' })
    await inStep(t, session)
  })
})

await t.test('226 before the data is read', async t => {
  for (const joinReplies of [false, true]) {
    const { session, server } = await scriptedSession(t, { files, earlyComplete: true, joinReplies })
    const before = timers()
    const outgoing = await sending(session, '/b')
    for (let i = 0; i < 50; i++) t.equal(await outgoing.write(chunk), true, 'the server reads on')
    t.same(codes(await outgoing.end()), [226])
    await until(() => server.files.has('/b'))
    t.equal(server.files.get('/b')!.content.length, 50 * chunk.length)
    t.equal(timers(), before, 'no timer that would close the session later')
    await inStep(t, session)
  }
})

await t.test('a connection that breaks', async t => {
  await t.test('the data connection: the reply is the result', async t => {
    const cut = { command: 'STOR', after: 100_000, what: 'data', reset: true } as const
    const { session } = await scriptedSession(t, { files, cut })
    const outgoing = await sending(session, '/b')
    await writeOn(outgoing)
    t.same(codes(await outgoing.end()), [426])
    await inStep(t, session)
  })

  await t.test('the data connection, and the server replies 226, as pyftpdlib 1.5.7', async t => {
    const { session } = await scriptedSession(t, {
      files,
      on: {
        async STOR(ctx: CommandContext) {
          const socket = await ctx.data
          ctx.reply('150 Go on')
          await new Promise(resolve => socket.once('data', resolve))
          socket.resetAndDestroy()
          ctx.reply('226 Fine')
        },
      },
    })
    const outgoing = await sending(session, '/b')
    await writeOn(outgoing)
    await t.rejects(outgoing.end(), {
      code: 'ERR_FTP_CONNECTION_LOST',
      message: /The data connection broke: /,
    })
    await inStep(t, session)
  })

  for (const what of ['control', 'both'] as const) {
    for (const after of ['command', '150', 100_000] as const) {
      const goesOn =
        what === 'control' && after !== 'command' ? ': the bytes still go, and no reply comes' : ''
      await t.test(
        `${what} ${after === 'command' ? 'at the command' : `after ${after}`}${goesOn}`,
        async t => {
          const { session, server } = await scriptedSession(t, {
            files,
            cut: { command: 'STOR', after, what },
          })
          const before = { timers: timers(), sockets: sockets() }
          const sent = async () => {
            const outgoing = await sending(session, '/b')
            if (goesOn) for (let chunks = 0; chunks < 64; chunks++) t.ok(await outgoing.write(chunk))
            else await writeOn(outgoing)
            await outgoing.end()
          }
          await t.rejects(sent(), { code: 'ERR_FTP_CONNECTION_LOST' })
          t.ok(session.closed)
          await until(() => server.openControl === 0)
          if (goesOn) await until(() => (server.files.get('/b')?.content.length ?? 0) === 64 * chunk.length)
          t.equal(timers(), before.timers, 'no timer is left')
          await until(() => sockets() < before.sockets)
        },
      )
    }
  }
})

await t.test('after the loss of the control connection', async t => {
  /** Reads the data when the test allows it; its control connection is gone. */
  const slow = (allowed: Promise<void>, taken: Buffer[]): Handler =>
    async function (ctx) {
      const socket = await ctx.data
      ctx.reply('150 Go on')
      await new Promise(resolve => socket.once('readable', resolve))
      ctx.connection.drop('control')
      await allowed
      for await (const part of socket as AsyncIterable<Buffer>) taken.push(part)
    }

  await t.test('end waits until the server has read all', async t => {
    let allow = () => {}
    const allowed = new Promise<void>(resolve => (allow = resolve))
    const taken: Buffer[] = []
    const { session } = await scriptedSession(t, { on: { STOR: slow(allowed, taken) } })
    const outgoing = await sending(session, '/b')
    await outgoing.write(chunk)
    await until(() => session.closed)
    let ended = false
    const end = outgoing.end().finally(() => (ended = true))
    end.catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 50))
    t.notOk(ended)
    allow()
    await t.rejects(end, { code: 'ERR_FTP_CONNECTION_LOST' })
    t.ok(Buffer.concat(taken).equals(chunk))
  })

  await t.test('but not for ever', async t => {
    const never = slow(new Promise(() => {}), [])
    const { session } = await scriptedSession(t, { on: { STOR: never } }, { readWriteTimeout: 100 })
    const before = { timers: timers() }
    const outgoing = await sending(session, '/b')
    await outgoing.write(chunk)
    await until(() => session.closed)
    await t.rejects(outgoing.end(), { code: 'ERR_FTP_CONNECTION_LOST' })
    t.equal(timers(), before.timers)
  })

  await t.test('stop ends it at once', async t => {
    const never = slow(new Promise(() => {}), [])
    const { session } = await scriptedSession(t, { on: { STOR: never } })
    const outgoing = await sending(session, '/b')
    await outgoing.write(chunk)
    await until(() => session.closed)
    const end = outgoing.end()
    end.catch(() => {})
    await outgoing.stop()
    await t.rejects(end, { code: 'ERR_FTP_CONNECTION_LOST' })
  })
})

await t.test('stop aborts it and leaves the session usable', async t => {
  for (const greeting of [knownGreeting, '220 hello']) {
    await t.test(greeting, async t => {
      const { session, server } = await scriptedSession(t, { greeting, files })
      const outgoing = await sending(session, '/b')
      await outgoing.write(chunk)
      await outgoing.stop()
      t.equal(await outgoing.write(chunk), false)
      await inStep(t, session)
      t.equal(server.connections, 1)

      const writing = await sending(session, '/c')
      const written = writeOn(writing)
      await writing.stop()
      await written
      await inStep(t, session)
      await writing.stop()

      const done = await sending(session, '/e')
      await done.end()
      await done.stop()
      await inStep(t, session)
    })
  }
})

await t.test('time', async t => {
  await t.test('no 1xx within shortTimeout', async t => {
    const { session } = await scriptedSession(t, { files, on: { STOR: () => {} } }, { shortTimeout: short })
    await t.rejects(open(session, '/b'), {
      code: 'ETIMEDOUT',
      message: `No reply to STOR within ${short} ms`,
    })
    t.ok(session.closed)
  })

  await t.test('a server that reads nothing', async t => {
    const { session } = await scriptedSession(
      t,
      {
        files,
        on: {
          async STOR(ctx) {
            const socket = (await ctx.data).pause()
            ctx.reply('150 Go on')
            await new Promise(resolve => socket.once('close', resolve))
          },
        },
      },
      { readWriteTimeout: 200 },
    )
    const outgoing = await sending(session, '/b')
    t.equal(await outgoing.write(Buffer.alloc(64 * 2 ** 20)), false)
    await t.rejects(outgoing.end(), { code: 'ETIMEDOUT', message: 'No reply to STOR within 200 ms' })
    t.ok(session.closed)
  })

  await t.test('a large chunk is written in pieces, so that progress shows', async t => {
    const { session, server } = await scriptedSession(t, { files })
    const outgoing = await sending(session, '/b')
    const write = Reflect.get(Socket.prototype, 'write') as (chunk: unknown) => boolean
    const written = t.capture(Socket.prototype, 'write', write)
    t.equal(await outgoing.write(Buffer.alloc(1_000_000)), true)
    const lengths = written().flatMap(({ receiver, args: [piece] }) =>
      (receiver as Socket).remotePort !== undefined && piece instanceof Uint8Array ? [piece.length] : [],
    )
    t.same(lengths, [262_144, 262_144, 262_144, 213_568])
    await outgoing.end()
    t.equal(server.files.get('/b')!.content.length, 1_000_000)
  })

  await t.test('does not count while the user writes nothing', async t => {
    const { session } = await scriptedSession(t, { files }, { readWriteTimeout: 100, shortTimeout: 100 })
    const outgoing = await sending(session, '/b')
    await outgoing.write(chunk)
    await new Promise(resolve => setTimeout(resolve, 300))
    t.equal(await outgoing.write(chunk), true)
    t.same(codes(await outgoing.end()), [226])
  })

  /** The server replies 150 only after the end of the bytes, and then nothing more. */
  const lateStart: Handler = async ctx => {
    const socket = await ctx.data
    await once(socket.resume(), 'end')
    ctx.reply('150 Go on')
  }
  // SIZE and EPSV follow, and a server that has finished the transfer replies to them.
  const silent = {
    STOR: lateStart,
    SIZE: () => {},
    EPSV: (ctx: CommandContext) => (ctx.n > 1 ? undefined : ctx.next()),
  }

  await t.test('no reply at the end, except the 1xx', async t => {
    const { session } = await scriptedSession(
      t,
      { greeting: knownGreeting, files, on: silent },
      { readWriteTimeout: 200 },
    )
    const outgoing = await sending(session, '/b', { behind: [command('SIZE', '/b')], ahead: true })
    await outgoing.write(Buffer.from('abc'))
    await t.rejects(outgoing.end(), { code: 'ETIMEDOUT', message: 'No reply to STOR within 200 ms' })
    t.ok(session.closed)
  })

  await t.test('no reply to a stopped transfer, except the 1xx', async t => {
    const STOR: Handler = async ctx => {
      await ctx.data
      await new Promise(resolve => setTimeout(resolve, 50))
      ctx.reply('150 Go on')
    }
    const { session } = await scriptedSession(
      t,
      { greeting: knownGreeting, files, on: { ...silent, STOR } },
      { shortTimeout: short },
    )
    const outgoing = await sending(session, '/b', { ahead: true })
    await outgoing.stop()
    t.ok(session.closed)
  })

  await t.test('no reply at the end', async t => {
    const { session } = await scriptedSession(
      t,
      {
        files,
        on: {
          async STOR(ctx) {
            ;(await ctx.data).resume()
            ctx.reply('150 Go on')
          },
        },
      },
      { readWriteTimeout: 100 },
    )
    const outgoing = await sending(session, '/b')
    await outgoing.write(chunk)
    await t.rejects(outgoing.end(), { code: 'ETIMEDOUT', message: 'No reply to STOR within 100 ms' })
  })
})
