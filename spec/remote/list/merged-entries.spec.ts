import t from 'tap'
import { MergedEntries, mergedEntries } from '../../../lib/remote/list/merged-entries.js'
import type { ListedEntry } from '../../../lib/wire/listing/listing.js'

const entry = (name: string, type: ListedEntry['type'], more: Partial<ListedEntry> = {}): ListedEntry => ({
  name,
  type,
  ...more,
})

t.test('equal lines are one entry', async t => {
  const all = [entry('a', 'file', { size: 1 }), entry('b', 'directory')]
  t.strictSame(mergedEntries([...all, ...all], all), all)
})

t.test('what comes behind a name that came twice is merged, too', async t => {
  const merged = new MergedEntries()
  for (const name of ['a', 'a', 'b', 'c', 'b', 'c']) merged.add([entry(name, 'file')])
  t.strictSame(
    merged.all.map(({ name }) => name),
    ['a', 'b', 'c'],
  )
})

t.test('of two lines of one name that differ, neither is a folder', async t => {
  const untold = { typeUnknown: true } as const
  const pairs: [ListedEntry, ListedEntry, ListedEntry['type']][] = [
    [entry('x', 'directory'), entry('x', 'link'), 'link'],
    [entry('x', 'file'), entry('x', 'directory'), 'file'],
    [entry('x', 'directory'), entry('x', 'other'), 'other'],
    [entry('x', 'directory'), entry('x', 'other', untold), 'other'],
    [entry('x', 'other', untold), entry('x', 'directory'), 'other'],
    [entry('x', 'other', untold), entry('x', 'file'), 'file'],
    [entry('x', 'link'), entry('x', 'file'), 'link'],
  ]
  for (const [one, other, type] of pairs)
    t.strictSame(mergedEntries([one, other]), [entry('x', type)], `${one.type} and ${other.type}`)
  t.strictSame(mergedEntries([entry('x', 'file', { size: 1 }), entry('x', 'file', { size: 2 })]), [
    entry('x', 'file', { size: 1 }),
  ])
})
