import t from 'tap'
import { Learnt } from '../../lib/wire/learnt.js'

t.test('what is learnt holds for a minute, and no longer', t => {
  let now = 1_000_000
  const learnt = new Learnt(() => now)
  t.notOk(learnt.holds)
  learnt.learn()
  t.ok(learnt.holds)
  now += 59_999
  t.ok(learnt.holds)
  now += 1
  t.notOk(learnt.holds, 'it is tried again')
  learnt.learn()
  t.ok(learnt.holds)
  learnt.forget()
  t.notOk(learnt.holds)
  t.end()
})
