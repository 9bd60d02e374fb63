import t from 'tap'
import { GivenEntries } from '../../../lib/remote/list/given-entries.js'
import type { ListedEntry } from '../../../lib/wire/listing/listing.js'

const file = (name: string): ListedEntry => ({ name, type: 'file' })
const take = (given: GivenEntries, ...names: string[]): string[] =>
  given.take(names.map(file)).map(({ name }) => name)

t.test('each name is given once, in whatever order and how often it comes', async t => {
  const given = new GivenEntries()
  t.same(take(given, 'a', 'b', 'a', ''), ['a', 'b', ''])
  t.same(take(given, 'b', 'c', 'A', ''), ['c', 'A'])
  t.same(take(given, 'a', 'b', 'c'), [])
})

t.test('a big folder', async t => {
  const names = Array.from({ length: 100_000 }, (_, i) => `a-name-of-some-length-${i}.txt`)
  const given = new GivenEntries()
  t.equal(take(given, ...names.slice(0, 70_000)).length, 70_000)
  t.same(take(given, ...names), names.slice(70_000))
})
