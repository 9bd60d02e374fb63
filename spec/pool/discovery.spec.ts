import t from 'tap'
import { Call } from '../../lib/pool/call.js'
import { Discovery } from '../../lib/pool/discovery.js'

/** A discovery, and what it comes to. */
function begin(sharesFailure = false) {
  const discovery = new Discovery(sharesFailure)
  const outcomes: { resolve: () => void; reject: (reason: Error) => void }[] = []
  let known = false
  const find = async (): Promise<void> => {
    await new Promise<void>((resolve, reject) => outcomes.push({ resolve, reject }))
    known = true
  }
  return { outcomes, make: (call = new Call()) => discovery.make(call, () => known, find) }
}

await t.test('one call finds it out, the others wait, and later ones know it', async t => {
  const { make, outcomes } = begin()
  const made = [make(), make(), make()]
  t.equal(outcomes.length, 1)
  outcomes[0]!.resolve()
  await Promise.all(made)
  await make()
  t.equal(outcomes.length, 1)
})

await t.test('a call that waits can be cancelled', async t => {
  const { make, outcomes } = begin()
  const call = new Call()
  const [first, second] = [make(), make(call)]
  call.cancel(new Error('cancelled'))
  await t.rejects(second, /cancelled/)
  outcomes[0]!.resolve()
  await first
})

await t.test('when it fails, the next call tries', async t => {
  const { make, outcomes } = begin()
  const [first, second] = [make(), make()]
  outcomes[0]!.reject(new Error('failed'))
  await t.rejects(first, /failed/)
  await new Promise(setImmediate)
  t.equal(outcomes.length, 2)
  outcomes[1]!.resolve()
  await second
})

await t.test('or all fail with it, but not where its call is cancelled', async t => {
  const { make, outcomes } = begin(true)
  const [first, second] = [make(), make()]
  outcomes[0]!.reject(new Error('failed'))
  await t.rejects(first, /failed/)
  await t.rejects(second, /failed/)

  const call = new Call()
  const [cancelled, waiting] = [make(call), make()]
  call.cancel(new Error('cancelled'))
  outcomes[1]!.reject(call.cancelled!)
  await t.rejects(cancelled, /cancelled/)
  await new Promise(setImmediate)
  outcomes[2]!.resolve()
  await waiting
})
