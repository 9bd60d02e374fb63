import t from 'tap'
import type { Question } from '../../lib/pool/question.js'
import { Call } from '../../lib/pool/call.js'
import { Ability } from '../../lib/wire/capabilities/ability.js'
import { FtpError } from '../../lib/wire/ftp-errors.js'
import type { Script } from '../support/scripted-server.js'
import { ask, gate, leases, poolOn, question, type Told } from './pool-on.js'

const lost = { code: 'ERR_FTP_CONNECTION_LOST' }
const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const known: Script = { greeting: '220 (vsFTPd 3.0.3)' }
const loginFlights = (flights: string[][]): number =>
  flights.filter(([first]) => !first!.startsWith('SIZE')).length
const withoutLogin = (flights: string[][]): string[][] =>
  flights.filter(([first]) => first!.startsWith('SIZE'))

await t.test('questions of one turn go together, as many as a flight holds', async t => {
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' } }, { connections: 1 })
  const told = await Promise.all(many(600).map(i => ask(pool, i % 2 ? 'SIZE /f' : 'SIZE /none')))
  t.same(
    told,
    many(600).map(i => ({ codes: [i % 2 ? 213 : 550], again: false })),
    'to each its own answer',
  )
  t.equal(withoutLogin(server.flights).flat().length, 600)
  t.equal(pool.stats.flights - loginFlights(server.flights), 3, '256, 256 and 88')
})

await t.test('a flight holds 32 KiB on a server that is known', async t => {
  const { pool, server } = await poolOn(t, known, { connections: 1 })
  await ask(pool, 'NOOP')
  const before = pool.stats.flights
  await Promise.all(many(200).map(i => ask(pool, `SIZE /${'x'.repeat(490)} ${i}`)))
  t.equal(withoutLogin(server.flights).flat().length, 200)
  t.equal(pool.stats.flights - before, 4, 'of 65 questions at most')
})

await t.test('much that waits is shared by the sessions that are open', async t => {
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' } })
  for (const lease of await leases(pool, 4)) lease.release()
  const by = (): number[] => {
    const counts = new Map<number, number>()
    for (const { connection, line } of server.commands)
      if (line === 'SIZE /f') counts.set(connection, (counts.get(connection) ?? 0) + 1)
    return [...counts.values()]
  }
  const before = pool.stats.flights
  await Promise.all(many(400).map(() => ask(pool, 'SIZE /f')))
  t.same(by(), [100, 100, 100, 100])
  t.equal(pool.stats.flights - before, 4)
  await Promise.all(many(32).map(() => ask(pool, 'SIZE /f')))
  t.equal(pool.stats.flights - before, 5, 'and few go together')
})

await t.test('while a flight is under way, nobody logs in for what the next one can take', async t => {
  const { opened, open } = gate()
  const slow = {
    SIZE: async (ctx: { n: number; next(): Promise<void> }) => (ctx.n === 1 && (await opened), ctx.next()),
  }
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' }, on: slow })
  const first = ask(pool, 'SIZE /f')
  while (withoutLogin(server.flights).length === 0) await new Promise(setImmediate)
  const others = many(100).map(() => ask(pool, 'SIZE /f'))
  await new Promise(setImmediate)
  t.match(pool.stats, { sessions: 1, busy: 1, waiting: 100 })
  open()
  await Promise.all([first, ...others])
  t.equal(server.connections, 1)
})

await t.test('but somebody does when that flight takes long', async t => {
  const { opened, open } = gate()
  const slow = {
    SIZE: async (ctx: { n: number; next(): Promise<void> }) => (ctx.n === 1 && (await opened), ctx.next()),
  }
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' }, on: slow })
  const first = ask(pool, 'SIZE /f')
  while (withoutLogin(server.flights).length === 0) await new Promise(setImmediate)
  t.same(await ask(pool, 'SIZE /f'), { codes: [213], again: false })
  t.equal(server.connections, 2)
  open()
  await first
})

await t.test('what comes while a flight is under way goes with the next one', async t => {
  const { opened, open } = gate()
  const slow = {
    SIZE: async (ctx: { n: number; next(): Promise<void> }) => (ctx.n === 1 && (await opened), ctx.next()),
  }
  const { pool, server } = await poolOn(t, { files: { '/f': 'x' }, on: slow }, { connections: 1 })
  const first = ask(pool, 'SIZE /f')
  while (withoutLogin(server.flights).length === 0) await new Promise(setImmediate)
  const others: Promise<Told>[] = []
  for (let i = 0; i < 10; i++) {
    others.push(ask(pool, 'SIZE /f'))
    await new Promise(setImmediate)
  }
  t.equal(pool.stats.waiting, 10)
  open()
  await Promise.all([first, ...others])
  t.same(
    withoutLogin(server.flights).map(({ length }) => length),
    [1, 10],
  )
})

await t.test('a long flight is written in parts that a careful server stands', async t => {
  const { pool, server } = await poolOn(t, {}, { connections: 1 })
  const path = `/${'long name '.repeat(20)}`
  await Promise.all(many(60).map(() => ask(pool, `SIZE ${path}`)))
  const sizes = withoutLogin(server.flights).map(lines => lines.join('\r\n').length + 2)
  t.equal(withoutLogin(server.flights).flat().length, 60)
  t.ok(Math.max(...sizes) <= 1_460, 'each in one segment')
})

await t.test('no session is opened for questions of a few flights, more are for many', async t => {
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' } })
  await ask(pool, 'SIZE /f')
  await Promise.all(many(1_000).map(() => ask(pool, 'SIZE /f')))
  t.equal(server.connections, 1)
  await Promise.all(many(4_000).map(() => ask(pool, 'SIZE /f')))
  t.equal(server.connections, 3)
})

await t.test(
  'what was answered before the connection was lost stays answered; the rest is asked again',
  async t => {
    const { pool, server } = await poolOn(t, {
      files: { '/a': '', '/b': '', '/c': '' },
      cut: { command: 'DELE', nth: 2, what: 'control' },
    })
    const [a, b, c] = await Promise.all(['/a', '/b', '/c'].map(path => ask(pool, `DELE ${path}`)))
    t.same(a, { codes: [250], again: false })
    // The server carried it out, and its reply was lost: only `again` tells that this 550 is a success.
    t.same(b, { codes: [550], again: true })
    t.same([c!.codes, server.files.has('/c')], [[250], false])
    t.equal(server.connections, 2)
  },
)

await t.test('a question of which a part was answered is asked again as a whole', async t => {
  const { pool, server } = await poolOn(t, {
    files: { '/a': 'x' },
    cut: { command: 'RNTO', what: 'control' },
  })
  t.same(await ask(pool, 'RNFR /a', 'RNTO /b'), { codes: [550, 503], again: true })
  t.ok(server.files.has('/b'))
})

await t.test('a command that was never written was not asked before', async t => {
  const { pool } = await poolOn(
    t,
    { files: { '/a': '' }, cut: { command: 'DELE', what: 'control' } },
    { connections: 1 },
  )
  const long = `/${'x'.repeat(1_000)}`
  const [first, second] = await Promise.all([ask(pool, `DELE /a${long}`), ask(pool, `DELE /b${long}`)])
  t.same([first.again, second.again], [true, false])
})

await t.test(
  'one that the server answered with 421 may have been carried out: whatever ends the session may say it',
  async t => {
    const { pool, server } = await poolOn(t, {
      files: { '/a': '', '/b': '' },
      on: { DELE: ctx => (ctx.n === 2 ? ctx.reply('421 Timeout') : ctx.next()) },
    })
    const [a, b] = await Promise.all([ask(pool, 'DELE /a'), ask(pool, 'DELE /b')])
    t.same(
      [a, b],
      [
        { codes: [250], again: false },
        { codes: [250], again: true },
      ],
    )
    t.equal(server.connections, 2)
  },
)

await t.test('a server that always hangs up is asked again as often as `retries` says', async t => {
  const { pool, server } = await poolOn(t, { on: { DELE: ctx => ctx.connection.drop('both') } })
  await t.rejects(ask(pool, 'DELE /a'), lost)
  t.equal(server.commands.filter(({ line }) => line === 'DELE /a').length, 4)
  t.same(await ask(pool, 'NOOP'), { codes: [200], again: false }, 'and the next is served')
})

await t.test('what waits longest goes first again', async t => {
  const { pool, server } = await poolOn(
    t,
    { files: { '/f': 'x' }, cut: { command: 'SIZE', what: 'control' } },
    { connections: 1 },
  )
  const long = (i: number): string => `SIZE /${i} ${'x'.repeat(50)}`
  await Promise.all(many(80).map(i => ask(pool, long(i))))
  const lines = withoutLogin(server.flights).flat()
  // The first flight is lost with the reply to its first command.
  const { length } = withoutLogin(server.flights)[0]!
  t.ok(length < 80)
  t.same(lines.slice(0, length), many(length).map(long))
  t.same(lines.slice(length), many(80).map(long))
})

await t.test(
  'a server that answers only the first of several is asked one command at a time from then on',
  async t => {
    const script: Script = {
      files: { '/f': 'x' },
      on: { SIZE: ctx => (ctx.connection.id === 1 && ctx.n > 1 ? undefined : ctx.next()) },
    }
    const { pool, server } = await poolOn(t, script, { shortTimeout: 500 })
    await ask(pool, 'NOOP')
    Object.assign(pool.server.can, { pipelining: new Ability({ patience: 'once' }) })
    const told = await Promise.all(many(3).map(() => ask(pool, 'SIZE /f')))
    t.same(
      told.map(({ codes }) => codes),
      [[213], [213], [213]],
    )
    t.equal(pool.server.can.pipelining.state, 'failed')
    t.same(
      withoutLogin(server.flights).map(({ length }) => length),
      [3, 1, 1],
    )
  },
)

await t.test('a question that cannot be put, or whose answer is an error, harms no other', async t => {
  const { pool } = await poolOn(t)
  const wrong = new Error('wrong')
  const fail = (): never => {
    throw wrong
  }
  const call = new Call()
  const put = pool.ask(call, { ...question('NOOP'), commands: fail })
  const answered = pool.ask(call, { ...question('NOOP'), answer: fail })
  const nothing = pool.ask(call, question())
  const good = pool.ask(call, question('NOOP'))
  await Promise.all([t.rejects(put, wrong), t.rejects(answered, wrong)])
  t.same(await nothing, { codes: [], again: false })
  t.same(await good, { codes: [200], again: false })
})

await t.test('a cancelled question is not written, and nobody logs in for it alone', async t => {
  const { pool, server } = await poolOn(t, { files: { '/f': 'x' } }, { connections: 1 })
  const call = new Call()
  const cancelled = [pool.ask(call, question('SIZE /f')), pool.ask(call, question('SIZE /f'))]
  call.cancel(new Error('cancelled'))
  for (const promise of cancelled) await t.rejects(promise, /cancelled/)
  await new Promise(setImmediate)
  t.equal(server.connections, 0)

  const [lease] = await leases(pool, 1)
  const other = new Call()
  const waiting = pool.ask(other, question('SIZE /f'))
  const kept = ask(pool, 'SIZE /kept')
  await new Promise(setImmediate)
  other.cancel(new Error('cancelled'))
  await t.rejects(waiting, /cancelled/)
  lease!.release()
  await kept
  t.same(withoutLogin(server.flights), [['SIZE /kept']])
})

await t.test('when nobody waits any more, no session is wanted', async t => {
  const { pool } = await poolOn(t, {}, { connections: 1 })
  const [lease] = await leases(pool, 1)
  const call = new Call()
  const asked = pool.ask(call, question('NOOP'))
  await new Promise(setImmediate)
  t.ok(pool.wanted)
  t.equal(pool.stats.waiting, 1)
  call.cancel(new Error('cancelled'))
  await t.rejects(asked)
  t.notOk(pool.wanted)
  t.equal(pool.stats.waiting, 0)
  lease!.release()
  t.same(await ask(pool, 'NOOP'), { codes: [200], again: false })
})

await t.test('the others of a flight have their three chances still', async t => {
  const { pool } = await poolOn(
    t,
    {
      files: { '/f': 'x' },
      on: {
        // Five questions are answered, then the connection is lost.
        SIZE: ctx => (ctx.n % 6 === 0 ? ctx.connection.drop('both') : ctx.next()),
      },
    },
    { connections: 1 },
  )
  const told = await Promise.all(many(60).map(() => ask(pool, 'SIZE /f')))
  t.ok(told.every(({ codes }) => codes[0] === 213))
})

await t.test('a login that fails is no error while another one succeeds', async t => {
  const { pool } = await poolOn(t, {
    greeting: connection => (connection === 1 ? '500 Not you' : '220 scripted'),
  })
  const told = await Promise.all(many(1_000).map(() => ask(pool, 'NOOP')))
  t.ok(told.every(({ codes }) => codes[0] === 200))
})

await t.test('when the only login fails, all that wait get its error', async t => {
  const { pool } = await poolOn(t, { greeting: '500 Go away' })
  for (const result of await Promise.allSettled(many(100).map(() => ask(pool, 'NOOP')))) {
    t.match(result, { status: 'rejected', reason: { code: 'ERR_FTP_LOGIN' } as FtpError })
  }
})

const shared = (line: string): Question<Told> => ({ key: line, ...question(line) })

await t.test('the same question is asked once, while it waits', async t => {
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' } }, { connections: 1 })
  const call = new Call()
  const told = await Promise.all(many(20).map(i => pool.ask(call, shared(i % 2 ? 'SIZE /f' : 'SIZE /g'))))
  t.same(
    told.map(({ codes }) => codes[0]),
    many(20).map(i => (i % 2 ? 213 : 550)),
  )
  t.same(withoutLogin(server.flights), [['SIZE /g', 'SIZE /f']])
  await pool.ask(call, shared('SIZE /f'))
  t.equal(withoutLogin(server.flights).length, 2, 'what is answered is asked anew')
})

await t.test('but not when it is being asked already', async t => {
  const { opened, open } = gate()
  const slow = {
    SIZE: async (ctx: { n: number; next(): Promise<void> }) => (ctx.n === 1 && (await opened), ctx.next()),
  }
  const { pool, server } = await poolOn(t, { ...known, on: slow }, { connections: 1 })
  const call = new Call()
  const first = pool.ask(call, shared('SIZE /f'))
  while (withoutLogin(server.flights).length === 0) await new Promise(setImmediate)
  server.files.set('/f', { content: Buffer.from('x'), modified: new Date(), mode: 0o644 })
  const second = pool.ask(call, shared('SIZE /f'))
  open()
  await Promise.all([first, second])
  t.same(withoutLogin(server.flights), [['SIZE /f'], ['SIZE /f']])
})

await t.test('nor across what may change something: a command, or a transfer', async t => {
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' } }, { connections: 1 })
  const call = new Call()
  const [before, , after, behind] = await Promise.all([
    pool.ask(call, shared('SIZE /f')),
    pool.ask(call, question('DELE /f')),
    pool.ask(call, shared('SIZE /f')),
    pool.ask(call, shared('SIZE /f')),
  ])
  t.same(
    [before, after, behind].map(({ codes }) => codes),
    [[213], [550], [550]],
  )
  t.same(withoutLogin(server.flights), [['SIZE /f', 'DELE /f', 'SIZE /f']])

  const [held] = await leases(pool, 1)
  const first = pool.ask(call, shared('SIZE /g'))
  const transfer = pool.acquire(call, 'transfer')
  const second = pool.ask(call, shared('SIZE /g'))
  held!.release()
  await Promise.all([first, second, transfer.then(lease => lease.release())])
  t.same(withoutLogin(server.flights)[1], ['SIZE /g', 'SIZE /g'])
})

await t.test('who is cancelled leaves the others their answer', async t => {
  const { pool, server } = await poolOn(t, { ...known, files: { '/f': 'x' } }, { connections: 1 })
  const [first, second, third] = [new Call(), new Call(), new Call()]
  const asked = [first, second, third].map(call => pool.ask(call, shared('SIZE /f')))
  first.cancel(new Error('cancelled'))
  await t.rejects(asked[0]!, /cancelled/)
  t.same((await asked[1]!).codes, [213])
  t.same((await asked[2]!).codes, [213])
  t.same(withoutLogin(server.flights), [['SIZE /f']])
})

await t.test('a joined question that is lost is asked again, and an error is told to all', async t => {
  const { pool } = await poolOn(
    t,
    {
      ...known,
      files: { '/f': 'x' },
      on: { SIZE: ctx => (ctx.n === 1 ? ctx.connection.drop('both') : ctx.next()) },
    },
    { connections: 1 },
  )
  const call = new Call()
  const told = await Promise.all(many(3).map(() => pool.ask(call, shared('SIZE /f'))))
  t.same(
    told.map(({ codes }) => codes),
    [[213], [213], [213]],
  )
  const wrong = new Error('wrong')
  const failing: Question<Told> = {
    ...shared('SIZE /f'),
    answer: () => {
      throw wrong
    },
  }
  for (const result of await Promise.allSettled([pool.ask(call, failing), pool.ask(call, failing)]))
    t.match(result, { status: 'rejected', reason: wrong })
})
