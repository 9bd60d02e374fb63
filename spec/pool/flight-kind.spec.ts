import t from 'tap'
import { Call } from '../../lib/pool/call.js'
import type { FlightKind } from '../../lib/pool/flight-kind.js'
import type { Pool } from '../../lib/pool/pool.js'
import { ask, leases, poolOn, question, type Told } from './pool-on.js'

const fenced: FlightKind = { minShare: 4, maxShare: 8, expected: 8, patience: 0, fenced: true }
const known = { greeting: '220 (vsFTPd 3.0.3)', files: { '/f': 'x' } }

type Outcome = Told | 'alone' | 'suspect' | 'lost'

/** Asks SIZE in a fenced flight. */
function size(pool: Pool, path = '/f', alone = false): Promise<Outcome> {
  const outcomes = {
    ...(alone && { alone: () => 'alone' as const }),
    lost: (_: unknown, __: unknown, counts: boolean) => (counts ? ('suspect' as const) : ('lost' as const)),
  }
  const asked = { ...question(`SIZE ${path}`), ...outcomes, flight: fenced }
  return pool.ask<Outcome>(new Call(), asked)
}

const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const answered = { codes: [213], again: false }
const sizes = (flights: string[][]): string[][] =>
  flights
    .filter(([first]) => first!.startsWith('SIZE'))
    .map(flight => flight.map(line => line.replace(/^REST [1-9]\d+$/, 'REST n')))

await t.test('a fenced flight ends with a question, and holds no other kind', async t => {
  const { pool, server } = await poolOn(t, known, { connections: 1 })
  const told = await Promise.all([size(pool), ask(pool, 'SIZE /f'), size(pool)])
  t.same(told, [answered, answered, answered])
  t.same(sizes(server.flights).sort(), [['SIZE /f'], ['SIZE /f', 'SIZE /f', 'REST n', 'REST 0']])
})

await t.test('a flight holds no more than its kind allows', async t => {
  const { pool, server } = await poolOn(t, known, { connections: 1 })
  await Promise.all(many(20).map(() => size(pool)))
  t.same(
    sizes(server.flights).map(({ length }) => length - 2),
    [8, 8, 4],
  )
})

await t.test('idle sessions take shares of at least `minShare`', async t => {
  const { pool, server } = await poolOn(t, known, { connections: 3 })
  for (const lease of await leases(pool, 3)) lease.release()
  await Promise.all(many(9).map(() => size(pool)))
  t.same(
    sizes(server.flights)
      .map(({ length }) => length - 2)
      .sort(),
    [1, 4, 4],
  )
})

await t.test('a question that is not worth a flight of its own is not written alone', async t => {
  const { pool, server } = await poolOn(t, known, { connections: 1 })
  t.equal(await size(pool, '/f', true), 'alone')
  t.same(sizes(server.flights), [])
  t.same(await Promise.all([size(pool, '/f', true), size(pool, '/f', true)]), [answered, answered])
})

await t.test('of a fenced flight that is lost no reply counts', async t => {
  const { pool } = await poolOn(t, { ...known, cut: { command: 'SIZE', nth: 2, what: 'control' } })
  t.same(await Promise.all([size(pool), size(pool), size(pool)]), ['lost', 'suspect', 'lost'])
})

await t.test('without the answer to the fence each question may be the reason', async t => {
  const on = { REST: (ctx: { reply(line: string): void }) => ctx.reply('350 Restarting') }
  const { pool, server } = await poolOn(t, { ...known, on })
  t.same(await Promise.all([size(pool), size(pool)]), ['suspect', 'suspect'])
  t.same(await ask(pool, 'SIZE /f'), answered)
  t.equal(server.connections, 2, 'the session is not used again')
})
