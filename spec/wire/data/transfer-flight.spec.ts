import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Incoming } from '../../../lib/wire/data/incoming.js'
import { Outgoing } from '../../../lib/wire/data/outgoing.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'
import type { Handler } from '../../support/scripted-server.js'
import { knownGreeting, scriptedSession } from '../scripted-session.js'

const files = { '/a': '0123456789' }
const codes = (replies: readonly Reply[]) => replies.map(({ code }) => code)

await t.test('the replies are split: before the transfer, of the transfer, after it', async t => {
  const { session, flightsSince } = await scriptedSession(t, { greeting: knownGreeting, files })
  for (const ahead of [true, false]) {
    const incoming = (await Incoming.open(session, {
      along: [command('SIZE', '/a')],
      commands: [command('REST 4'), command('RETR', '/a')],
      onData: () => {},
      ahead,
    })) as Incoming
    t.same(codes(incoming.asked), [213])
    t.same(codes(await incoming.done), [350, 226])
  }
  t.same(flightsSince(), [
    ['SIZE /a', 'REST 4', 'RETR /a', 'EPSV'],
    ['SIZE /a', 'EPSV'],
    ['REST 4', 'RETR /a', 'EPSV'],
  ])
})

await t.test(
  'replies that precede the reply to the transfer, as when the network has split the write',
  async t => {
    for (const [title, between, expected] of [
      ['a refusal of EPSV', ['213 2', '450 Busy'], [226, 213]],
      ['a command that was eaten', ['213 2', '500 Unknown command'], [226, 213]],
      ['only the size', ['213 2'], [226, 213]],
      ['a transfer that failed', ['213 2', '229 Go (|||9|)', '451 No space'], [451, 213]],
    ] as const) {
      await t.test(title, async t => {
        const STOR: Handler = async ctx => {
          if (ctx.n > 1) return ctx.next()
          const socket = await ctx.data
          ctx.reply('150 Here it comes')
          for await (const _ of socket) void _
          for (const reply of between) ctx.reply(reply)
          if (!between.at(-1)!.startsWith('451')) ctx.reply('226 Transfer complete')
          if (between.length === 1) ctx.reply('450 Busy')
          socket.end()
        }
        const { session, profile, flightsSince } = await scriptedSession(t, {
          greeting: knownGreeting,
          files,
          on: {
            STOR,
            SIZE: ctx => (ctx.argument === '/b' && ctx.n === 1 ? undefined : ctx.next()),
            EPSV: ctx => (ctx.n === 2 ? undefined : ctx.next()),
          },
        })
        const store = async (ahead: boolean) => {
          const behind = [command('SIZE', '/b')]
          const outgoing = (await Outgoing.open(session, {
            command: command('STOR', '/b'),
            behind,
            ahead,
          })) as Outgoing
          await outgoing.write(Buffer.from('xy'))
          return codes(await outgoing.end())
        }
        t.same(await store(true), expected)
        t.ok(profile.can.behindTransfer.failed)
        flightsSince()
        t.same(await store(false), [226], 'nothing is written after the transfer any more')
        t.same(flightsSince(), [['EPSV'], ['STOR /b']])
      })
    }
  },
)

await t.test('the reply to EPSV comes before that of the transfer, and that to SIZE after it', async t => {
  const { session, profile } = await scriptedSession(t, {
    greeting: knownGreeting,
    files,
    on: {
      async STOR(ctx) {
        const socket = await ctx.data
        ctx.reply('150 Here it comes')
        for await (const _ of socket) void _
        for (const reply of ['450 Busy', '226 Transfer complete', '213 2']) ctx.reply(reply)
        socket.end()
      },
      SIZE: () => {},
      EPSV: ctx => (ctx.n === 2 ? undefined : ctx.next()),
    },
  })
  const outgoing = (await Outgoing.open(session, {
    command: command('STOR', '/b'),
    behind: [command('SIZE', '/b')],
    ahead: true,
  })) as Outgoing
  await outgoing.write(Buffer.from('xy'))
  t.equal((await outgoing.end())[0]!.code, 226)
  t.ok(profile.can.behindTransfer.failed)
  t.ok(session.usable)
})

await t.test('a stopped transfer without a final reply', async t => {
  const { session, flightsSince } = await scriptedSession(t, {
    greeting: '220 Welcome to Pure-FTPd',
    files,
    on: {
      async RETR(ctx) {
        if (ctx.n > 1) return ctx.next()
        const socket = await ctx.data
        ctx.reply('150 Here it comes')
        socket.write('0123')
        await new Promise(resolve => socket.on('error', () => {}).once('close', resolve))
      },
    },
  })
  let first = (): void => {}
  const came = new Promise<void>(resolve => (first = resolve))
  const incoming = (await Incoming.open(session, {
    commands: [command('RETR', '/a')],
    onData: () => first(),
    ahead: true,
  })) as Incoming
  await came
  await incoming.stop()
  t.ok(session.usable)
  t.same(codes(await session.flight([command('SIZE', '/a')])), [213], 'the session is in step')
  t.same(flightsSince(), [['RETR /a', 'EPSV'], ['SIZE /a']], 'no NOOP is needed')
})

await t.test('commands before the transfer', async t => {
  const name = (length: number): string => `/${'n'.repeat(length - 1)}`
  const store = async (t: Test, path: string, ahead: boolean, greeting = knownGreeting) => {
    const { session, flightsSince } = await scriptedSession(t, { greeting, files })
    const looks = [command('SIZE', path), command('MDTM', path)]
    const asked: Reply[][] = []
    const outgoing = (await Outgoing.open(session, {
      along: looks,
      onAsked: replies => asked.push([...replies]),
      command: command('STOR', path),
      behind: looks,
      ahead,
    })) as Outgoing
    await outgoing.write(Buffer.from('xy'))
    const replies = await outgoing.end()
    const verbs = flightsSince().map(flight => flight.map(line => line.split(' ')[0]))
    return { asked: asked.map(codes), replies: codes(replies), verbs, session }
  }

  await t.test('share its write over a data connection that was opened ahead', async t => {
    const { asked, replies, verbs } = await store(t, '/a', true)
    t.same(asked, [[213, 213]])
    t.same(replies, [226, 213, 213])
    t.same(verbs, [['SIZE', 'MDTM', 'STOR', 'SIZE', 'MDTM', 'EPSV']])
  })

  await t.test('otherwise go with EPSV', async t => {
    const known = await store(t, '/a', false)
    t.same(known.asked, [[213, 213]])
    t.same(known.verbs, [
      ['SIZE', 'MDTM', 'EPSV'],
      ['STOR', 'SIZE', 'MDTM', 'EPSV'],
    ])
    const other = await store(t, '/a', true, '220 somebody')
    t.same(other.asked, [[213, 213]])
    t.same(other.replies, [226])
    t.same(other.verbs, [['SIZE', 'MDTM', 'EPSV'], ['STOR']])
  })

  // One segment holds 1,200 bytes: five, three or one commands with a path of this length.
  for (const [length, expected] of [
    [200, [['SIZE', 'MDTM', 'STOR', 'SIZE', 'MDTM', 'EPSV']]],
    [
      300,
      [
        ['SIZE', 'MDTM', 'EPSV'],
        ['STOR', 'SIZE', 'MDTM', 'EPSV'],
      ],
    ],
    [
      603,
      [
        ['SIZE', 'MDTM', 'EPSV'],
        ['STOR', 'EPSV'],
      ],
    ],
    [1300, [['SIZE', 'MDTM', 'EPSV'], ['STOR']]],
  ] as const) {
    await t.test(`go with EPSV if a segment does not hold them: ${length} bytes`, async t => {
      const { asked, verbs } = await store(t, name(length), true)
      t.equal(asked.length, 1)
      t.same(verbs, expected)
    })
  }
})
