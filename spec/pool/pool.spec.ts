import { getEventListeners } from 'node:events'
import { setImmediate as tick, setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Call } from '../../lib/pool/call.js'
import { Pool } from '../../lib/pool/pool.js'
import { command } from '../../lib/wire/session/command.js'
import { aborted, ask, gate, leases, poolOn, question, silent, until, usual } from './pool-on.js'

const closed = { code: 'ERR_FTP_CLOSED' }
const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

await t.test('nothing connects before the first question', async t => {
  const { pool, server } = await poolOn(t)
  await pool.runCall(undefined, aborted, async () => {})
  t.equal(server.connections, 0)
  await ask(pool, 'NOOP')
  t.equal(server.connections, 1)
})

await t.test('the numbers are those of the server', async t => {
  const { opened, open } = gate()
  const { pool, server } = await poolOn(
    t,
    { on: { NOOP: ctx => opened.then(() => ctx.next()) } },
    { connections: 2 },
  )
  const [held] = await leases(pool, 1)
  const asked = [ask(pool, 'NOOP'), ask(pool, 'NOOP', 'NOOP')]
  await until(() => server.commands.filter(({ line }) => line === 'NOOP').length === 3)
  const waiting = [pool.acquire(new Call(), 'transfer'), ask(pool, 'SIZE /f')]
  await tick()
  t.same(pool.stats, {
    sessions: 2,
    busy: 2,
    waiting: 2,
    opened: 2,
    flights: server.flights.length,
    commands: server.commands.length,
    bytesSent: 0,
    bytesReceived: 0,
  })
  open()
  held!.release()
  await Promise.all(asked)
  ;(await (waiting[0] as ReturnType<Pool['acquire']>)).release()
  await waiting[1]
  t.same(pool.stats, {
    sessions: 2,
    busy: 0,
    waiting: 0,
    opened: 2,
    flights: server.flights.length,
    commands: server.commands.length,
    bytesSent: 0,
    bytesReceived: 0,
  })
  await pool.close()
  t.match(pool.stats, { sessions: 0, busy: 0, waiting: 0, opened: 2 })
})

await t.test('an aborted call rejects soon, and the pool waits for the end of its work', async t => {
  const { pool } = await poolOn(t, {}, { connections: 1 })
  const [held] = await leases(pool, 1)
  for (const ends of ['at once', 'much later']) {
    const { opened, open } = gate()
    const abort = new AbortController()
    let work = 'waits'
    const run = pool.runCall(abort.signal, aborted, async call => {
      await pool.ask(call, question('NOOP')).catch(() => {})
      if (ends === 'much later') await opened
      work = 'ended'
    })
    t.equal(getEventListeners(abort.signal, 'abort').length, 1)
    abort.abort()
    await t.rejects(run, /aborted/)
    t.equal(getEventListeners(abort.signal, 'abort').length, 0)
    t.equal(work, ends === 'at once' ? 'ended' : 'waits')
    if (ends === 'at once') continue
    let closed = false
    const closing = pool.close().then(() => (closed = true))
    await sleep(10)
    t.notOk(closed)
    open()
    held!.release()
    await closing
    t.equal(work, 'ended')
  }
})

await t.test(
  'what is asked in a flight is answered though the call was aborted: the session stays in step',
  async t => {
    const { opened, open } = gate()
    const { pool, server } = await poolOn(t, { on: { SIZE: ctx => opened.then(() => ctx.next()) } })
    const abort = new AbortController()
    const run = pool.runCall(abort.signal, aborted, call => pool.ask(call, question('SIZE /f')))
    await until(() => server.commands.some(({ line }) => line === 'SIZE /f'))
    abort.abort()
    await t.rejects(run, /aborted/)
    open()
    t.same(await ask(pool, 'NOOP'), { codes: [200], again: false })
    t.equal(server.connections, 1)
  },
)

await t.test('what a call leaves behind ends with it', async t => {
  const { pool } = await poolOn(t, {}, { connections: 1 })
  const [held] = await leases(pool, 1)
  let left: Promise<unknown> | undefined
  await pool.runCall(undefined, aborted, async call => {
    left = pool.acquire(call, 'transfer')
    left.catch(() => {})
  })
  await t.rejects(left!, /has ended/)
  t.notOk(pool.wanted)
  held!.release()
})

await t.test('queueTimeout counts the time until there is a session, and only that', async t => {
  const slow = { SIZE: async (ctx: { next(): Promise<void> }) => (await sleep(300), ctx.next()) }
  const { pool } = await poolOn(t, { files: { '/f': 'x' }, on: slow }, { connections: 1, queueTimeout: 100 })
  const [held] = await leases(pool, 1)
  const expected = { code: 'ERR_FTP_QUEUE_TIMEOUT', message: /100 ms/ }
  await Promise.all([
    t.rejects(ask(pool, 'NOOP'), expected),
    t.rejects(pool.acquire(new Call(), 'transfer'), expected),
  ])
  t.notOk(pool.wanted)
  held!.release()
  t.same(await ask(pool, 'SIZE /f'), { codes: [213], again: false }, 'a slow answer is not a long wait')
})

await t.test('who gets a session at once leaves no timer behind', async t => {
  const { pool } = await poolOn(t, {}, { connections: 1, queueTimeout: 60_000 })
  await ask(pool, 'NOOP')
  await tick()
  const before = timers()
  for (let i = 0; i < 5; i++) {
    const [lease] = await leases(pool, 1)
    lease!.release()
    await tick()
  }
  t.equal(timers(), before)
})

await t.test('close lets finish what has begun, and rejects what waits', async t => {
  const { opened, open } = gate()
  const { pool, server } = await poolOn(
    t,
    { on: { SIZE: ctx => opened.then(() => ctx.next()) } },
    { connections: 1 },
  )
  const running = pool.runCall(undefined, aborted, async call => {
    await pool.ask(call, question('SIZE /f'))
    // It has begun: what it asks further is answered too.
    return pool.ask(call, question('NOOP'))
  })
  await until(() => server.commands.some(({ line }) => line === 'SIZE /f'))
  const waiting: Promise<unknown>[] = [
    ask(pool, 'NOOP'),
    pool.runCall(undefined, aborted, async call => (await pool.acquire(call, 'transfer')).release()),
  ]
  const rejected = waiting.map(promise => t.rejects(promise, closed))
  const closing = pool.close()
  t.equal(pool.close(), closing, 'once')
  t.throws(() => pool.begin(new Call()), closed)
  await Promise.all(rejected)
  open()
  t.same(await running, { codes: [200], again: false })
  await closing
  t.match(pool.stats, { sessions: 0, busy: 0, waiting: 0 })
  await until(() => server.openControl === 0)
})

await t.test('close tells streams, and waits until they have ended', async t => {
  const { pool } = await poolOn(t)
  const told: [string, boolean][] = []
  const stream: Call = new Call((reason, atOnce) => {
    told.push([(reason as NodeJS.ErrnoException).code!, atOnce])
    setTimeout(() => pool.end(stream), 20)
  })
  pool.begin(stream)
  let done = false
  const closing = pool.close().then(() => (done = true))
  await tick()
  t.notOk(done)
  await closing
  t.same(told, [['ERR_FTP_CLOSED', false]])
})

await t.test('an idle pool is closed at once, an unused one too', async t => {
  const { pool, server } = await poolOn(t)
  for (const lease of await leases(pool, 3)) lease.release()
  await pool.close()
  await until(() => server.openControl === 0)
  const unused = new Pool({ ...usual, port: 1 }, silent)
  await unused.close()
  await unused.close()
})

await t.test('destroy ends at once what runs, what waits and what is open', async t => {
  const { pool, server } = await poolOn(t, { on: { SIZE: () => new Promise(() => {}) } }, { connections: 1 })
  const running = ask(pool, 'SIZE /f')
  await until(() => server.commands.some(({ line }) => line === 'SIZE /f'))
  const waiting = ask(pool, 'NOOP')
  const told: boolean[] = []
  const stream: Call = new Call((_, atOnce) => told.push(atOnce))
  pool.begin(stream)
  const rejected = [running, waiting].map(promise => t.rejects(promise, closed))
  pool.destroy()
  await Promise.all(rejected)
  t.same(told, [true])
  t.equal(stream.cancelled && (stream.cancelled as NodeJS.ErrnoException).code, 'ERR_FTP_CLOSED')
  t.throws(() => pool.begin(new Call()), closed)
  t.equal(pool.stats.sessions, 0)
  await until(() => server.openControl === 0)
  await pool.close()
  pool.destroy()
})

await t.test('destroy ends a close that waits', async t => {
  const { pool, server } = await poolOn(t, { on: { SIZE: () => new Promise(() => {}) } })
  const running = ask(pool, 'SIZE /f')
  await until(() => server.commands.some(({ line }) => line === 'SIZE /f'))
  const rejected = t.rejects(running, closed)
  const closing = pool.close()
  await tick()
  pool.destroy()
  await closing
  await rejected
})

for (const how of ['close', 'destroy'] as const) {
  await t.test(`${how} does not wait for a login that nobody wants any more`, async t => {
    const { pool, server } = await poolOn(t, { greeting: '' }, { shortTimeout: 60_000 })
    const rejected = t.rejects(ask(pool, 'NOOP'), closed)
    await until(() => server.openControl === 1)
    await pool[how]()
    await rejected
    await until(() => server.openControl === 0)
  })
}

await t.test('what is asked on a pool that has ended is refused, not forgotten', async t => {
  const { pool } = await poolOn(t)
  await ask(pool, 'NOOP')
  pool.destroy()
  const call = new Call()
  await t.rejects(pool.ask(call, question('NOOP')), closed)
  await t.rejects(pool.acquire(call, 'transfer'), closed)
})

await t.test('a lost session costs a call that begins nothing but time', async t => {
  const { pool, server } = await poolOn(t, {
    on: { NOOP: ctx => (ctx.n === 1 ? ctx.connection.drop('both') : ctx.next()) },
  })
  t.same(await ask(pool, 'NOOP'), { codes: [200], again: true })
  t.equal(server.connections, 2)
})

await t.test('random load: every question is answered, every lease given back', async t => {
  for (const connections of [1, 2, 4]) {
    const { pool, server } = await poolOn(
      t,
      { files: { '/f': 'x' }, on: { SITE: ctx => ctx.connection.drop('both', ctx.n % 2 === 0) } },
      { connections },
    )
    // The same in each run.
    let seed = connections
    const random = (): number => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff
    let answered = 0
    const work = Array.from({ length: 300 }, async (_, i) => {
      await sleep(random() * 100)
      const abort = new AbortController()
      const kind = random()
      if (kind < 0.15) setTimeout(() => abort.abort(), random() * 10)
      await pool
        .runCall(abort.signal, aborted, async call => {
          if (kind < 0.6) return pool.ask(call, question(i % 2 ? 'SIZE /f' : 'NOOP'))
          if (kind < 0.62) return pool.ask(call, question('SITE DROP'))
          const lease = await (kind < 0.7 ? pool.acquireIfFree(call) : pool.acquire(call, 'transfer'))
          try {
            return await lease?.session.flight([command('NOOP')])
          } finally {
            lease?.release()
          }
        })
        .catch(() => {})
      answered += 1
    })
    await Promise.all(work)
    t.equal(answered, 300)
    await until(() => pool.stats.busy === 0)
    t.match(pool.stats, { busy: 0, waiting: 0 })
    t.ok(pool.stats.sessions <= connections)
    t.notOk(pool.wanted)
    await pool.close()
    await until(() => server.openControl === 0)
  }
})
