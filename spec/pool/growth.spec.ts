import t from 'tap'
import { Growth } from '../../lib/pool/growth.js'

const due = (growth: Growth, after: number): boolean => growth.isDue(Date.now() + after)

await t.test('a pool that was not refused anything grows at once', async t => {
  t.ok(due(new Growth(5_000), 0))
})

await t.test('after a refusal it grows after a pause, twice as long after each further one', async t => {
  const growth = new Growth(5_000)
  growth.refused(2)
  t.notOk(due(growth, 4_000))
  t.ok(due(growth, 5_000))
  growth.tried()
  growth.refused(2)
  t.notOk(due(growth, 9_000))
  t.ok(due(growth, 10_000))
})

await t.test('refusals of logins that were made at once are one', async t => {
  const growth = new Growth(5_000)
  growth.refused(2)
  growth.refused(2)
  t.ok(due(growth, 5_000))
})

await t.test('no pause is longer than a minute', async t => {
  const growth = new Growth(5_000)
  for (let refusals = 0; refusals < 20; refusals++) {
    growth.tried()
    growth.refused(2)
  }
  t.notOk(due(growth, 59_000))
  t.ok(due(growth, 60_000))
})

await t.test('a step that was taken lets the next one follow at once', async t => {
  const growth = new Growth(5_000)
  growth.refused(2)
  growth.tried()
  growth.opened(3)
  t.ok(due(growth, 0))
})

await t.test('a session that replaces a lost one is no step', async t => {
  const growth = new Growth(5_000)
  growth.refused(2)
  growth.opened(2)
  t.notOk(due(growth, 0))
})
