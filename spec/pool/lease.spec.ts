import t from 'tap'
import { Call } from '../../lib/pool/call.js'
import { command } from '../../lib/wire/session/command.js'
import { ConnectionLostError } from '../../lib/wire/ftp-errors.js'
import { poolOn } from './pool-on.js'

await t.test('a lease is given back once, and its session goes to the next', async t => {
  const { pool, server } = await poolOn(t, {}, { connections: 1 })
  const first = await pool.acquire(new Call(), 'transfer')
  const waiting = pool.acquire(new Call(), 'transfer')
  first.release()
  const second = await waiting
  first.release()
  t.equal(pool.stats.busy, 1)
  t.equal(second.session, first.session)
  second.release()
  t.equal(server.connections, 1)
})

await t.test('a session that is given back in the middle of a flight is closed', async t => {
  const { pool, server } = await poolOn(t, { on: { NOOP: () => new Promise(() => {}) } }, { connections: 1 })
  const first = await pool.acquire(new Call(), 'transfer')
  const flight = first.session.begin([command('NOOP')])
  const waiting = pool.acquire(new Call(), 'transfer')
  first.release()
  t.ok(first.session.closed)
  await t.rejects(flight.done, ConnectionLostError)
  const second = await waiting
  t.not(second.session, first.session)
  t.equal(server.connections, 2)
  second.release()
})

await t.test('who holds a session hears that it is wanted, until he gives it back', async t => {
  const { pool } = await poolOn(t, {}, { connections: 1 })
  const lease = await pool.acquire(new Call(), 'transfer')
  let heard = 0
  lease.onWanted = () => (heard += 1)
  t.notOk(pool.wanted)
  const first = pool.acquire(new Call(), 'transfer')
  t.ok(pool.wanted)
  const second = pool.acquire(new Call(), 'metadata')
  t.equal(heard, 2)
  lease.release()
  ;(await second).release()
  ;(await first).release()
  t.notOk(pool.wanted)
  t.equal(heard, 2)
})
