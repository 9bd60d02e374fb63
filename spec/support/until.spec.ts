import t from 'tap'
import { until } from './until.js'

await t.test('waits until the condition holds', async t => {
  let asked = 0
  await until(() => ++asked === 3)
  t.equal(asked, 3)
})

await t.test('one that holds at once is not waited for', async t => {
  let later = false
  setImmediate(() => (later = true))
  await until(() => true)
  t.notOk(later)
})

await t.test('says what it waited for when the time is over', async t => {
  const commands: string[] = []
  await t.rejects(
    until(() => commands.length === 2, 10),
    { message: /^Waited 10 ms in vain for commands\.length ?=== ?2$/ },
  )
})

await t.test('a condition that throws ends the wait', async t => {
  const broken = () => {
    throw new Error('no such file')
  }
  await t.rejects(until(broken), { message: 'no such file' })
})
