import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import t from 'tap'
import { Call } from '../../lib/pool/call.js'
import { Pool } from '../../lib/pool/pool.js'
import { command } from '../../lib/wire/session/command.js'
import { setImmediate as tick } from 'node:timers/promises'
import { ask, gate, leases, poolOn, question, silent, until, usual } from './pool-on.js'

/** The greeting of a server that has room for so many sessions. */
const room = (limit: { now: number }, open: () => number) => () =>
  open() >= limit.now ? '421 Too many connections' : '220 scripted'

await t.test('no more sessions than `connections`, opened when they are needed', async t => {
  const { pool, server } = await poolOn(t, {}, { connections: 3 })
  t.same(pool.stats, {
    sessions: 0,
    busy: 0,
    waiting: 0,
    opened: 0,
    flights: 0,
    commands: 0,
    bytesSent: 0,
    bytesReceived: 0,
  })
  const held = await leases(pool, 2)
  t.match(pool.stats, { sessions: 2, busy: 2, waiting: 0, opened: 2 })
  const others = leases(pool, 3)
  await until(() => pool.stats.busy === 3)
  t.match(pool.stats, { sessions: 3, busy: 3, waiting: 2 })
  for (const lease of held) lease.release()
  for (const lease of await others) lease.release()
  t.match(pool.stats, { sessions: 3, busy: 0, waiting: 0, opened: 3 })
  t.equal(server.connections, 3)
})

await t.test('metadata comes before transfers, which are passed over four times', async t => {
  const { pool } = await poolOn(t, {}, { connections: 1 })
  const [held] = await leases(pool, 1)
  const order: string[] = []
  const take = async (kind: 'metadata' | 'transfer', name: string): Promise<void> => {
    const lease = await pool.acquire(new Call(), kind)
    order.push(name)
    lease.release()
  }
  const all = [take('transfer', 't0'), take('transfer', 't1')]
  for (let i = 0; i < 6; i++) all.push(take('metadata', `m${i}`))
  held!.release()
  await Promise.all(all)
  t.equal(order.join(' '), 'm0 m1 m2 m3 t0 m4 m5 t1')
})

await t.test('a session is free when nobody waits and there may be another', async t => {
  const { pool } = await poolOn(t, {}, { connections: 2 })
  const [held] = await leases(pool, 1)
  const free = await pool.acquireIfFree(new Call())
  t.ok(free)
  t.equal(await pool.acquireIfFree(new Call()), undefined, 'both are in use')
  const waiting = pool.acquire(new Call(), 'transfer')
  t.ok(pool.wanted)
  held!.release()
  ;(await waiting).release()
  free!.release()
  await tick()
  const again = await pool.acquireIfFree(new Call())
  t.ok(again)
  again!.release()
})

await t.test('who does not want a session any more does not get one, and is not waited for', async t => {
  const { pool, server } = await poolOn(t, {}, { connections: 1 })
  const [held] = await leases(pool, 1)
  const call = new Call()
  const waiting = pool.acquire(call, 'transfer')
  call.cancel(new Error('cancelled'))
  await t.rejects(waiting, /cancelled/)
  t.notOk(pool.wanted)
  t.equal(pool.stats.waiting, 0)
  held!.release()
  await tick()
  t.ok(await pool.acquireIfFree(new Call()))
  t.equal(server.connections, 1)
})

await t.test('a session whose waiter left during the login is kept for the next', async t => {
  const { opened, open } = gate()
  const { pool, server } = await poolOn(t, { on: { PASS: ctx => opened.then(() => ctx.next()) } })
  const call = new Call()
  const waiting = pool.acquire(call, 'transfer')
  await until(() => server.commands.length > 0)
  call.cancel(new Error('cancelled'))
  await t.rejects(waiting, /cancelled/)
  open()
  await until(() => pool.stats.sessions === 1)
  t.equal(pool.stats.busy, 0)
  await ask(pool, 'NOOP')
  t.equal(server.connections, 1)
})

await t.test('421 at login, with sessions of our own: the pool shrinks and the turn waits', async t => {
  const limit = { now: 2 }
  const { pool, server } = await poolOn(t, {
    greeting: () => room(limit, () => server.openControl)(),
  })
  const taken: number[] = []
  const work = async (): Promise<void> => {
    const lease = await pool.acquire(new Call(), 'transfer')
    taken.push(lease.session.id)
    await lease.session.flight([command('NOOP')])
    lease.release()
  }
  await Promise.all(Array.from({ length: 20 }, work))
  t.equal(taken.length, 20)
  t.equal(pool.stats.sessions, 2)
  t.equal(pool.stats.opened, 2)
  const connections = server.connections
  t.ok(connections <= 4, 'no login is tried for each who waits')
  await Promise.all(Array.from({ length: 20 }, work))
  t.equal(server.connections, connections, 'nor later on, for a while')
})

await t.test('a refusal does not count against the logins that were under way', async t => {
  const { opened, open } = gate()
  const { pool, server } = await poolOn(t, {
    greeting: connection => (connection === 2 ? '421 Too many connections' : '220 scripted'),
    on: { PASS: ctx => (ctx.connection.id === 1 ? ctx.next() : opened.then(() => ctx.next())) },
  })
  const [first] = await leases(pool, 1)
  const others = leases(pool, 2)
  const third = pool.acquire(new Call(), 'transfer')
  await until(() => server.connections === 4 && pool.wanted)
  open()
  first!.release()
  for (const lease of [...(await others), await third]) lease.release()
  await tick()
  const all = await leases(pool, 3)
  t.equal(pool.stats.busy, 3)
  for (const lease of all) lease.release()
})

await t.test('ProFTPD says 530 with a text that names the limit', async t => {
  const { pool, server } = await poolOn(t, {
    on: {
      PASS: ctx =>
        server.openControl > 1
          ? ctx.reply('530 Sorry, the maximum number of clients (1) for this user are already connected.')
          : ctx.next(),
    },
  })
  const [first] = await leases(pool, 1)
  const second = pool.acquire(new Call(), 'transfer')
  await until(() => server.commands.some(({ line, connection }) => connection === 2 && line === 'QUIT'))
  first!.release()
  ;(await second).release()
  t.equal(pool.stats.sessions, 1)
})

await t.test('a further session that cannot be had for any reason is not needed', async t => {
  const { pool } = await poolOn(t, {
    on: { USER: ctx => (ctx.connection.id > 1 ? ctx.reply('530 One of you is enough') : ctx.next()) },
  })
  const [first] = await leases(pool, 1)
  const second = pool.acquire(new Call(), 'transfer')
  const asked = ask(pool, 'NOOP')
  await until(() => pool.stats.waiting === 2 && pool.wanted)
  first!.release()
  ;(await second).release()
  t.same(await asked, { codes: [200], again: false })
})

await t.test('the pool grows back, one session at a time', async t => {
  const limit = { now: 1 }
  const { pool, server } = await poolOn(
    t,
    { greeting: () => room(limit, () => server.openControl)() },
    { connections: 3, growAfter: 100 },
  )
  const rounds = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      const work = Array.from({ length: 6 }, async () => {
        const lease = await pool.acquire(new Call(), 'transfer')
        await lease.session.flight([command('NOOP')])
        lease.release()
      })
      await Promise.all(work)
    }
  }
  await rounds(() => server.connections > 1)
  t.equal(pool.stats.sessions, 1)
  limit.now = 3
  await rounds(() => pool.stats.sessions === 3)
  t.equal(pool.stats.opened, 3)
})

await t.test('it grows back while a queue is worked off, without anybody new', async t => {
  const limit = { now: 1 }
  const { pool, server } = await poolOn(
    t,
    { greeting: () => room(limit, () => server.openControl)() },
    { connections: 2, growAfter: 100 },
  )
  const [first] = await leases(pool, 1)
  const waiting = leases(pool, 2)
  await until(() => server.connections >= 2 && pool.wanted)
  limit.now = 2
  await new Promise(resolve => setTimeout(resolve, 110))
  first!.release()
  for (const lease of await waiting) lease.release()
  t.equal(pool.stats.sessions, 2)
})

await t.test('421 with no session of our own: the server is asked again', async t => {
  const { pool, server } = await poolOn(t, {
    greeting: connection => (connection <= 2 ? '421 Too many connections' : '220 scripted'),
  })
  t.same(await ask(pool, 'NOOP'), { codes: [200], again: false })
  t.equal(server.connections, 3)
})

await t.test('for 2.5 times shortTimeout: then ERR_FTP_NO_CONNECTION with the reply', async t => {
  const { pool, server } = await poolOn(t, { greeting: '421 Too many connections' }, { shortTimeout: 120 })
  const expected = { code: 'ERR_FTP_NO_CONNECTION', cause: { code: 421, message: /Too many connections/ } }
  await Promise.all([
    t.rejects(ask(pool, 'NOOP'), expected),
    t.rejects(pool.acquire(new Call(), 'transfer'), expected),
  ])
  t.ok(server.connections > 2)
  t.match(pool.stats, { busy: 0, waiting: 0, sessions: 0 })
})

await t.test('the time spent waiting for others does not count as waiting for the server', async t => {
  const full = { now: false }
  const { pool, server } = await poolOn(
    t,
    { greeting: () => (full.now ? '421 Too many connections' : '220 scripted') },
    { connections: 1, shortTimeout: 300 },
  )
  const [held] = await leases(pool, 1)
  const waiting = pool.acquire(new Call(), 'transfer')
  await new Promise(resolve => setTimeout(resolve, 400))
  full.now = true
  held!.session.close()
  held!.release()
  await until(() => server.connections >= 2)
  full.now = false
  ;(await waiting).release()
})

await t.test('a wait for a full server ends with the call, and with the pool', async t => {
  const { pool, server } = await poolOn(t, { greeting: '421 Too many connections' })
  const call = new Call()
  const waiting = pool.acquire(call, 'transfer')
  await until(() => server.connections > 0)
  call.cancel(new Error('cancelled'))
  await t.rejects(waiting, /cancelled/)
  const other = ask(pool, 'NOOP')
  await until(() => server.connections > 1)
  const closed = t.rejects(other, { code: 'ERR_FTP_CLOSED' })
  await pool.close()
  await closed
})

await t.test('when the sessions that were idle are all dead, nobody notices', async t => {
  const { pool, server } = await poolOn(t, {
    on: { NOOP: ctx => (ctx.connection.id <= 4 ? ctx.connection.drop('both', true) : ctx.next()) },
  })
  for (const lease of await leases(pool, 4)) lease.release()
  t.equal(pool.stats.sessions, 4)
  t.same(await ask(pool, 'NOOP'), { codes: [200], again: true })
  t.equal(server.connections, 5)
  t.equal(pool.stats.sessions, 1)
})

await t.test('a session that was lost later on says nothing about the others', async t => {
  const { pool } = await poolOn(t, { on: { DELE: ctx => ctx.connection.drop('both') } })
  const held = await leases(pool, 3)
  for (const lease of held.slice(1)) lease.release()
  await t.rejects(held[0]!.session.flight([command('DELE /f')]))
  held[0]!.release()
  t.equal(pool.stats.sessions, 2)
})

await t.test('while it is full, one connection at a time is tried', async t => {
  const { pool, server } = await poolOn(t, {
    greeting: connection => (connection <= 8 ? '421 Too many connections' : '220 scripted'),
  })
  let max = 0
  const watch = setInterval(() => (max = Math.max(max, server.openControl)), 1)
  t.teardown(() => clearInterval(watch))
  for (const lease of await leases(pool, 1)) lease.release()
  const all = await Promise.all(Array.from({ length: 12 }, () => ask(pool, 'NOOP')))
  t.ok(all.every(({ codes }) => codes[0] === 200))
  t.ok(max <= 4, 'the first ones at once, then one by one')
  t.equal(server.connections, 9)
})

await t.test('a login that is refused for good fails all that wait, and sends the password once', async t => {
  const { pool, server } = await poolOn(t, { on: { PASS: ctx => ctx.reply('530 Login incorrect.') } })
  const expected = { code: 'ERR_FTP_LOGIN', cause: { code: 530 } }
  await Promise.all([
    ...Array.from({ length: 12 }, () => t.rejects(ask(pool, 'NOOP'), expected)),
    ...Array.from({ length: 12 }, () => t.rejects(pool.acquire(new Call(), 'transfer'), expected)),
  ])
  t.equal(server.commands.filter(({ line }) => line.startsWith('PASS')).length, 1)
  t.match(pool.stats, { busy: 0, waiting: 0, sessions: 0 })
  await t.rejects(ask(pool, 'NOOP'), expected, 'and the next call tries again')
  t.equal(server.commands.filter(({ line }) => line.startsWith('PASS')).length, 2)
})

await t.test('a server that comes back within the retries is waited for, by all', async t => {
  const { server } = await poolOn(t)
  const port = await closedPort()
  const pool = new Pool({ ...usual, port, retryDelay: 50 }, silent)
  t.teardown(() => pool.destroy())
  const questions = [ask(pool, 'NOOP'), ask(pool, 'NOOP')]
  const held = leases(pool, 3)
  await new Promise(resolve => setTimeout(resolve, 60))
  const door = createServer(socket => pipeline(socket, connect(server.port, '127.0.0.1'), socket, () => {}))
  door.listen(port, '127.0.0.1')
  t.teardown(() => door.close())
  t.equal((await Promise.all(questions)).length, 2)
  for (const lease of await held) lease.release()
})

await t.test('it is sent once also where the others are still connecting when it is refused', async t => {
  const { opened, open } = gate()
  const { pool, server } = await poolOn(
    t,
    {
      on: {
        AUTH: async ctx => {
          if (ctx.connection.id > 1) await opened
          ctx.reply('502 No TLS here')
        },
        PASS: ctx => {
          ctx.reply('530 Login incorrect.')
          setTimeout(open, 20)
        },
      },
    },
    { encryptionMode: 'Auto' },
  )
  const expected = { code: 'ERR_FTP_LOGIN', cause: { code: 530 } }
  const waiting = Array.from({ length: 4 }, () => pool.acquire(new Call(), 'transfer'))
  await Promise.all(waiting.map(lease => t.rejects(lease, expected)))
  t.equal(server.commands.filter(({ line }) => line.startsWith('PASS')).length, 1)
})

await t.test('a TLS handshake that is cut is tried again', async t => {
  for (const reset of [false, true]) {
    const { pool, server } = await poolOn(
      t,
      { on: { AUTH: ctx => (ctx.reply('234 Go on'), ctx.connection.drop('both', reset)) } },
      { encryptionMode: 'Explicit' },
    )
    await t.rejects(ask(pool, 'NOOP'), { code: /^ERR_FTP_(TLS|CONNECTION_LOST)$/, attempts: 4 })
    t.equal(server.connections, 4)
  }
})

await t.test(
  'a server that is not there is an error when the retries are spent, for all that wait',
  async t => {
    const pool = new Pool({ ...usual, port: await closedPort() }, silent)
    t.teardown(() => pool.destroy())
    const call = new Call()
    await Promise.all([
      t.rejects(pool.ask(call, question('NOOP')), { code: 'ECONNREFUSED', attempts: 4 }),
      t.rejects(pool.acquire(call, 'transfer'), { code: 'ECONNREFUSED', message: /tried 4 times/ }),
    ])
  },
)

await t.test('what a login that need not be has met is nothing to those who wait', async t => {
  const { pool, server } = await poolOn(t, {
    on: { USER: ctx => (ctx.connection.id <= 3 ? ctx.connection.drop('both') : ctx.next()) },
  })
  const held = leases(pool, 2)
  t.equal(await pool.acquireIfFree(new Call()), undefined)
  for (const lease of await held) lease.release()
  t.equal(server.connections, 5)
})

await t.test('a call whose attempts are spent fails alone', async t => {
  const { pool } = await poolOn(
    t,
    { on: { USER: ctx => (ctx.connection.id <= 2 ? ctx.connection.drop('both') : ctx.next()) } },
    { connections: 1 },
  )
  const spent = new Call()
  spent.failed = 3
  const first = t.rejects(pool.acquire(spent, 'transfer'), { code: 'ERR_FTP_CONNECTION_LOST', attempts: 4 })
  const second = pool.acquire(new Call(), 'transfer')
  await first
  ;(await second).release()
})

await t.test('who comes late to logins that fail has all attempts of a call', async t => {
  const late: Promise<unknown>[] = []
  const { pool, server } = await poolOn(t, {
    on: {
      USER: ctx => {
        if (ctx.connection.id === 4) late.push(ask(pool, 'NOOP'), pool.acquire(new Call(), 'transfer'))
        return ctx.connection.id <= 6 ? ctx.connection.drop('both') : ctx.next()
      },
    },
  })
  await t.rejects(ask(pool, 'NOOP'), { code: 'ERR_FTP_CONNECTION_LOST', attempts: 4 })
  t.match(await Promise.all(late), [{ codes: [200] }, { session: {} }])
  t.ok(server.connections >= 7, `${server.connections} connections`)
})

await t.test('logins that fail and flights that are lost are attempts of one call', async t => {
  const { pool, server } = await poolOn(t, {
    on: {
      USER: ctx => (ctx.connection.id % 4 > 0 ? ctx.connection.drop('both') : ctx.next()),
      NOOP: ctx => ctx.connection.drop('both'),
    },
  })
  await t.rejects(ask(pool, 'NOOP'), { code: 'ERR_FTP_CONNECTION_LOST', attempts: 4 })
  t.equal(server.connections, 4)
})

await t.test('several questions of a call that are lost together are one attempt', async t => {
  const { pool } = await poolOn(t, {
    on: { NOOP: ctx => (ctx.connection.id === 1 ? ctx.connection.drop('both') : ctx.next()) },
  })
  const call = new Call()
  await Promise.all(Array.from({ length: 6 }, () => pool.ask(call, question('NOOP'))))
  t.equal(call.failed, 1)
})

await t.test('no attempt, and no pause, follows when nobody waits any more', async t => {
  const call = new Call()
  const { pool, server } = await poolOn(
    t,
    {
      on: {
        USER: ctx => {
          if (ctx.connection.id === 2) call.cancel(new Error('cancelled'))
          return ctx.connection.id <= 2 ? ctx.connection.drop('both') : ctx.next()
        },
      },
    },
    { retryDelay: 2 ** 30 },
  )
  await t.rejects(pool.acquire(call, 'transfer'), /cancelled/)
  await until(() => server.openControl === 0)
  t.same(await ask(pool, 'NOOP'), { codes: [200], again: false })
})

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  return port
}
