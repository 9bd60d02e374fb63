import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { all, inParts } from '../../lib/fs/in-parts.js'

await t.test('all items in their order, and no more than `max` at a time', async t => {
  const begun: number[] = []
  let [pending, most] = [0, 0]
  await inParts([1, 2, 3, 4, 5, 6, 7], 3, async item => {
    begun.push(item)
    most = Math.max(most, ++pending)
    await turn()
    pending--
  })
  t.same(begun, [1, 2, 3, 4, 5, 6, 7])
  t.equal(most, 3)
})

await t.test('no item is no work', async t => {
  await inParts([], 3, () => Promise.reject(new Error('work on nothing')))
  t.pass()
})

await t.test('what fails ends it, once what is under way has ended', async t => {
  const ended: number[] = []
  const work = inParts([1, 2, 3, 4], 3, async item => {
    if (item === 1) throw new Error('the first')
    await turn()
    ended.push(item)
  })
  await t.rejects(work, { message: 'the first' })
  t.same(ended, [2, 3], 'and no further part begins')
})

await t.test('all: as Promise.all, but later', async t => {
  t.same(await all([Promise.resolve(1), 'two']), [1, 'two'])
  let ended = false
  const later = turn().then(() => (ended = true))
  await t.rejects(all([Promise.reject(new Error('no')), later]), { message: 'no' })
  t.ok(ended)
})
