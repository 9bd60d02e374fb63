import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Sessions } from '../../lib/pool/sessions.js'
import { command } from '../../lib/wire/session/command.js'
import { ServerProfile } from '../../lib/wire/server/server-profile.js'
import { startScriptedServer, type Script } from '../support/scripted-server.js'
import { ask, leases, poolOn, silent, until, usual } from './pool-on.js'

async function sessionsOn(t: Pick<Test, 'teardown'>, script: Script = {}, options = {}) {
  const server = await startScriptedServer(script)
  const sessions = new Sessions({ ...usual, port: server.port, ...options }, new ServerProfile(), silent)
  t.teardown(async () => {
    sessions.end(new Error('over'))
    await server.stop()
  })
  return { sessions, server }
}

await t.test('a session is opened, given back, taken again', async t => {
  const { sessions, server } = await sessionsOn(t)
  t.equal(await sessions.takeIdle(), undefined)
  const session = await sessions.open()
  t.equal(sessions.size, 1)
  t.equal(await sessions.takeIdle(), undefined, 'it is in use')
  sessions.giveBack(session)
  t.equal(await sessions.takeIdle(), session)
  t.equal(await sessions.takeIdle(), undefined)
  t.same([sessions.size, server.connections], [1, 1])
})

await t.test('the session given back last is taken first', async t => {
  const { sessions } = await sessionsOn(t)
  const [a, b] = [await sessions.open(), await sessions.open()]
  sessions.giveBack(a)
  sessions.giveBack(b)
  t.same([(await sessions.takeIdle())?.id, (await sessions.takeIdle())?.id], [b.id, a.id])
})

await t.test('what has been written is counted, failed logins and closed sessions too', async t => {
  const { sessions, server } = await sessionsOn(t, {
    on: { PASS: ctx => (ctx.n === 2 ? ctx.reply('530 No') : ctx.next()) },
  })
  const session = await sessions.open()
  await t.rejects(sessions.open(), { code: 'ERR_FTP_LOGIN' })
  await session.flight([command('NOOP'), command('NOOP')])
  const totals = {
    opened: 1,
    // QUIT is no flight: nobody waits for its reply.
    flights: server.flights.filter(([first]) => first !== 'QUIT').length,
    commands: server.commands.filter(({ line }) => line !== 'QUIT').length,
  }
  t.same(sessions.totals, totals)
  session.close()
  t.same(sessions.totals, totals)
  t.equal(sessions.size, 0)
})

await t.test('an idle session is closed after idleTimeout, not before and not while it is used', async t => {
  const { sessions, server } = await sessionsOn(t, {}, { idleTimeout: 50 })
  const [used, idle] = [await sessions.open(), await sessions.open()]
  sessions.giveBack(used)
  t.equal(await sessions.takeIdle(), used)
  sessions.giveBack(idle)
  await until(() => idle.closed)
  t.notOk(used.closed)
  t.equal(sessions.size, 1)
  t.equal(await sessions.takeIdle(), undefined)
  await until(() => server.openControl === 1)
})

for (const [how, drop] of Object.entries({
  'says 421': 'say421',
  'closes its side': 'end',
  'cuts the connection': 'drop',
  'resets it': 'reset',
} as const)) {
  await t.test(`an idle session that the server ends (it ${how}) is not given to anybody`, async t => {
    const { sessions, server } = await sessionsOn(t, {
      on: {
        NOOP: async ctx => {
          ctx.reply('200 Zzz')
          if (drop === 'say421') await server.say421()
          else if (drop === 'end') await ctx.connection.end()
          else setTimeout(() => ctx.connection.drop('both', drop === 'reset'), 20)
        },
      },
    })
    const session = await sessions.open()
    await session.flight([command('NOOP')])
    sessions.giveBack(session)
    await until(() => session.closed)
    t.equal(await sessions.takeIdle(), undefined)
    t.equal(sessions.size, 0)
  })
}

await t.test('a login that is cut or refused is not tried again here', async t => {
  const cut = await sessionsOn(t, { on: { USER: ctx => ctx.connection.drop('both') } })
  await t.rejects(cut.sessions.open(), { code: 'ERR_FTP_CONNECTION_LOST' })
  t.equal(cut.server.connections, 1)
  const refused = await sessionsOn(t, { on: { USER: ctx => ctx.reply('530 No') } })
  await t.rejects(refused.sessions.open(), { code: 'ERR_FTP_LOGIN' })
  t.equal(refused.server.connections, 1)
})

await t.test('of several idle sessions those beyond the last go after a quarter of idleTimeout', async t => {
  const { sessions } = await sessionsOn(t, {}, { idleTimeout: 400 })
  const [first, second] = [await sessions.open(), await sessions.open()]
  sessions.giveBack(first)
  sessions.giveBack(second)
  await until(() => first.closed)
  t.notOk(second.closed)
  await until(() => second.closed)
  t.equal(sessions.size, 0)
})

await t.test('a server that says nothing is given shortTimeout, once', async t => {
  const { sessions, server } = await sessionsOn(t, { greeting: '' }, { shortTimeout: 50 })
  await t.rejects(sessions.open(), { code: 'ETIMEDOUT' })
  t.equal(server.connections, 1)
  await until(() => server.openControl === 0)
})

await t.test('closeIdle closes what is idle, and nothing else', async t => {
  const { sessions } = await sessionsOn(t)
  const [used, idle, another] = [await sessions.open(), await sessions.open(), await sessions.open()]
  sessions.giveBack(idle)
  sessions.giveBack(another)
  sessions.closeIdle()
  t.same([used.closed, idle.closed, another.closed], [false, true, true])
  t.equal(sessions.size, 1)
})

await t.test('the end closes every session, and those that are being opened', async t => {
  const sockets: Socket[] = []
  const mute = createServer(socket => sockets.push(socket.on('error', () => {}).resume()))
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
  t.teardown(() => mute.close())
  const { port } = mute.address() as AddressInfo
  const sessions = new Sessions({ ...usual, port }, new ServerProfile(), silent)
  const opening = sessions.open()
  await until(() => sockets.length === 1)
  const ended = new Promise(resolve => sockets[0]!.once('close', resolve))
  const over = new Error('over')
  sessions.end(over)
  await t.rejects(opening, over)
  await ended
  await t.rejects(sessions.open(), over)
  t.equal(sockets.length, 1, 'nothing connects any more')

  const open = await sessionsOn(t)
  const [used, idle] = [await open.sessions.open(), await open.sessions.open()]
  open.sessions.giveBack(idle)
  open.sessions.end(over)
  t.ok(used.closed && idle.closed)
  open.sessions.giveBack(used)
  t.equal(await open.sessions.takeIdle(), undefined)
  t.equal(open.sessions.size, 0)
  await until(() => open.server.openControl === 0)
})

await t.test('before an idle session is used', async t => {
  const lines = ({ commands }: { commands: { line: string }[] }) =>
    commands.map(({ line }) => line).filter(line => line === 'NOOP' || line.startsWith('SIZE'))
  const mute: Script = { on: { NOOP: () => {}, SIZE: () => {} } }

  await t.test('it is not asked whether it lives, as long as it has not been idle for long', async t => {
    for (const options of [{}, { checkAfter: 10_000 }]) {
      const { sessions, server } = await sessionsOn(t, mute, options)
      const session = await sessions.open()
      sessions.giveBack(session)
      t.equal(await sessions.takeIdle(), session)
      t.same(lines(server), [])
    }
  })

  await t.test('by default that is 15 seconds', async t => {
    const { sessions, server } = await sessionsOn(t)
    const session = await sessions.open()
    const now = Date.now()
    const clock = t.intercept(Date, 'now', { value: () => now, writable: true })
    sessions.giveBack(session)
    Date.now = () => now + 14_999
    t.equal(await sessions.takeIdle(), session)
    t.same(lines(server), [])
    Date.now = () => now
    sessions.giveBack(session)
    Date.now = () => now + 15_000
    t.equal(await sessions.takeIdle(), session)
    t.same(lines(server), ['NOOP'])
    clock.restore()
  })

  await t.test('it is asked behind checkAfter, and used when it answers, whatever that is', async t => {
    for (const answer of ['200 Zzz', '500 What?', '530 No']) {
      const { sessions, server } = await sessionsOn(
        t,
        { on: { NOOP: ctx => ctx.reply(answer) } },
        { checkAfter: 0 },
      )
      const session = await sessions.open()
      sessions.giveBack(session)
      t.equal(await sessions.takeIdle(), session, answer)
      t.same(lines(server), ['NOOP'])
      t.equal(await sessions.takeIdle(), undefined, 'it is in use')
      sessions.giveBack(session)
      t.equal(await sessions.takeIdle(), session)
      t.same(lines(server), ['NOOP', 'NOOP'])
    }
  })

  const deaths: Record<string, Script['on']> = {
    'does not answer': { NOOP: () => {} },
    'says 421': { NOOP: ctx => ctx.reply('421 Timeout') },
    'closes it': { NOOP: ctx => ctx.connection.drop('both') },
    'resets it': { NOOP: ctx => ctx.connection.drop('both', true) },
  }
  for (const [how, on] of Object.entries(deaths)) {
    await t.test(`where the server ${how}, all that are idle are given up`, async t => {
      const { sessions, server } = await sessionsOn(t, { on: on ?? {} }, { checkAfter: 0, shortTimeout: 200 })
      const [used, ...idle] = [await sessions.open(), await sessions.open(), await sessions.open()]
      for (const session of idle) sessions.giveBack(session)
      t.equal(await sessions.takeIdle(), undefined)
      t.ok(idle.every(({ closed }) => closed))
      t.same([sessions.size, used.closed], [1, false], 'what is in use is left alone')
      t.same(lines(server), ['NOOP'], 'one is asked')
      await until(() => server.openControl === 1)
    })
  }

  await t.test('the call of a user goes to another session', async t => {
    for (const on of Object.values(deaths)) {
      const script: Script = {
        files: { '/a': 'abc' },
        on: {
          ...on,
          // The sessions of the beginning are as dead for it as for NOOP.
          SIZE: ctx => (ctx.connection.id > 3 ? ctx.next() : undefined),
        },
      }
      const { pool, server } = await poolOn(t, script, { checkAfter: 0, shortTimeout: 200, connections: 3 })
      for (const lease of await leases(pool, 3)) lease.release()
      t.equal(server.connections, 3)
      t.match(await ask(pool, 'SIZE /a'), { codes: [213], again: false })
      t.equal(server.connections, 4)
      t.equal(pool.stats.sessions, 1)
      t.same(lines(server), ['NOOP', 'SIZE /a'], 'it is sent once')
    }
  })

  await t.test('the end does not wait for the answer', async t => {
    const { pool, server } = await poolOn(t, { on: { NOOP: () => {} } }, { checkAfter: 0 })
    for (const lease of await leases(pool, 1)) lease.release()
    const asked = ask(pool, 'SIZE /a')
    asked.catch(() => {})
    await until(() => lines(server).includes('NOOP'))
    pool.destroy()
    await t.rejects(asked, { code: 'ERR_FTP_CLOSED' })
    await until(() => server.openControl === 0)
  })
})
