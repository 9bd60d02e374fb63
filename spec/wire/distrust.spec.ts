import t from 'tap'
import { Distrust } from '../../lib/wire/distrust.js'

const minute = 60_000

t.test('one failure is no rule', async t => {
  const distrust = new Distrust(() => 0)
  t.notOk(distrust.holds)
  distrust.fail()
  t.notOk(distrust.holds)
  distrust.fail()
  t.ok(distrust.holds)
})

t.test('it holds for a minute, then for twice as long each time, for an hour at most', async t => {
  let now = 0
  const distrust = new Distrust(() => now)
  distrust.fail()
  for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
    distrust.fail()
    now += minutes * minute - 1
    t.ok(distrust.holds, `${minutes} minutes`)
    now += 1
    t.notOk(distrust.holds)
  }
})

t.test('what works is trusted again', async t => {
  const distrust = new Distrust(() => 0)
  distrust.fail()
  distrust.fail()
  distrust.succeed()
  t.notOk(distrust.holds)
  distrust.fail()
  t.notOk(distrust.holds)
})
