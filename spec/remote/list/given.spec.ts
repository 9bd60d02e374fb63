import t from 'tap'
import { Given } from '../../../lib/remote/list/given.js'
import type { ListedEntry } from '../../../lib/wire/listing.js'

const file = (name: string): ListedEntry => ({ name, type: 'file' })
const take = (given: Given, ...names: string[]): string[] =>
  given.take(names.map(file)).map(({ name }) => name)

t.test('what a listing shows is given, a name that it shows twice as well', async t => {
  const given = new Given()
  t.same(take(given, 'a', 'b', 'a'), ['a', 'b', 'a'])
  t.same(take(given, 'b'), ['b'])
})

t.test('of a listing that begins anew the others are given, in whatever order they come', async t => {
  const given = new Given()
  take(given, 'a', 'b', 'c')
  given.begin()
  t.same(take(given, 'd', 'c'), ['d'])
  t.same(take(given, 'b', 'e', 'a'), ['e'])
})

t.test('a name that comes twice is given twice in all', async t => {
  const given = new Given()
  take(given, 'a', 'twice')
  given.begin()
  t.same(take(given, 'twice', 'a', 'twice', 'twice'), ['twice', 'twice'])
  given.begin()
  t.same(take(given, 'twice', 'twice', 'twice', 'a', 'b'), ['b'])
})

t.test('listings that begin anew again and again', async t => {
  const given = new Given()
  t.same(take(given, 'a'), ['a'])
  given.begin()
  t.same(take(given, 'a', 'b'), ['b'])
  given.begin()
  t.same(take(given, 'a'), [])
  given.begin()
  t.same(take(given, 'c', 'b', 'a'), ['c'])
})

t.test('a big folder', async t => {
  const names = Array.from({ length: 100_000 }, (_, i) => `a-name-of-some-length-${i}.txt`)
  const given = new Given()
  t.equal(take(given, ...names.slice(0, 70_000)).length, 70_000)
  given.begin()
  t.same(take(given, ...names), names.slice(70_000))
})
