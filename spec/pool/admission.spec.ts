import { setImmediate as tick } from 'node:timers/promises'
import t from 'tap'
import { Admission, type Entry } from '../../lib/pool/admission.js'
import { ConnectionLostError, LoginError } from '../../lib/wire/ftp-errors.js'

/** A login that can be led step by step. */
function login(admission: Admission) {
  let entry: Entry
  let end!: (error?: Error) => void
  const steps: string[] = []
  const done = admission.enter(async given => {
    entry = given
    const ended = new Promise<void>((resolve, reject) => {
      end = error => (error ? reject(error) : resolve())
    })
    ended.catch(() => {})
    await given.admitted()
    steps.push('admitted')
    await ended
  })
  done.catch(() => {})
  return { done, steps, accept: () => entry.accepted(), end: (error?: Error) => end(error) }
}

await t.test('one login alone sends a password that was not accepted yet', async t => {
  const admission = new Admission()
  const [first, second, third] = [login(admission), login(admission), login(admission)]
  await tick()
  t.same([first.steps, second.steps, third.steps], [['admitted'], [], []])
  first.accept()
  await tick()
  t.same([second.steps, third.steps], [['admitted'], ['admitted']], 'before the first has come to its end')
  const later = login(admission)
  await tick()
  t.same(later.steps, ['admitted'])
})

await t.test('its refusal is that of those that wait', async t => {
  const admission = new Admission()
  const [first, second] = [login(admission), login(admission)]
  await tick()
  const refusal = new LoginError('The server refused the login')
  first.end(refusal)
  await t.rejects(first.done, refusal)
  await t.rejects(second.done, refusal)
  t.same(second.steps, [])
  const next = login(admission)
  await tick()
  t.same(next.steps, ['admitted'], 'another login may try')
})

await t.test('after a login that was lost the next one tries', async t => {
  const admission = new Admission()
  const [first, second, third] = [login(admission), login(admission), login(admission)]
  await tick()
  first.end(new ConnectionLostError('lost'))
  await tick()
  t.same([second.steps, third.steps], [['admitted'], []])
})

await t.test('a password that is refused later on is tried by one login again', async t => {
  const admission = new Admission()
  const first = login(admission)
  await tick()
  first.accept()
  first.end()
  await first.done
  const second = login(admission)
  await tick()
  second.end(new LoginError('changed'))
  await t.rejects(second.done)
  const [third, fourth] = [login(admission), login(admission)]
  await tick()
  t.same([third.steps, fourth.steps], [['admitted'], []])
})
