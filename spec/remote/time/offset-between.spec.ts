import t from 'tap'
import { offsetBetween } from '../../../lib/remote/time/offset-between.js'

const minute = 60_000
const hour = 60 * minute
const utc = Date.UTC(2026, 0, 31, 12)

for (const [title, ahead, expected] of [
  ['the same time', 0, 0],
  ['an hour ahead', hour, hour],
  ['behind', -3.5 * hour, -3.5 * hour],
  ['a zone of quarters of an hour', 5.75 * hour, 5.75 * hour],
  ['seconds that a listing omits', hour - 59_999, hour],
  ['a minute too much', hour + minute, undefined],
  ['between two quarters', 7 * minute, undefined],
  ['the most distant zones', 26 * hour, 26 * hour],
  ['further than any zone', 26.25 * hour, undefined],
] as const) {
  t.test(title, async t => t.equal(offsetBetween(utc + ahead, utc), expected))
}

t.test('0 is never negative', async t => t.ok(Object.is(offsetBetween(utc - 1, utc), 0)))

t.test('a tolerance allows for clocks that differ', async t => {
  t.equal(offsetBetween(utc + hour + 19_000, utc, 20_000), hour)
  t.equal(offsetBetween(utc + hour + 20_000, utc, 20_000), undefined)
})
