import t from 'tap'
import { NameSet } from '../../../lib/remote/list/name-set.js'

t.test('a name is new once', async t => {
  const names = new NameSet()
  t.same(
    ['a', 'b', 'a', '', '', 'A'].map(name => names.add(name)),
    [true, true, false, true, false, true],
  )
})

t.test('100,000 names, as the table grows', async t => {
  const names = new NameSet()
  const all = Array.from({ length: 100_000 }, (_, i) => `file-${i}`)
  t.ok(all.every(name => names.add(name)))
  t.notOk(all.some(name => names.add(name)))
  t.ok(names.add('file-100000'))
})
