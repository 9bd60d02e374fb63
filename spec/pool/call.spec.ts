import t from 'tap'
import { Call } from '../../lib/pool/call.js'

const reason = new Error('cancelled')
const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

await t.test('a call is cancelled once, and the first reason stays', async t => {
  const call = new Call()
  t.equal(call.cancelled, undefined)
  t.doesNotThrow(() => call.throwIfCancelled())
  call.cancel(reason)
  call.cancel(new Error('another'))
  t.equal(call.cancelled, reason)
  t.throws(() => call.throwIfCancelled(), reason)
})

await t.test('listeners hear of it once: before, behind, and never when taken back', async t => {
  const call = new Call()
  const heard: string[] = []
  call.onCancel(() => heard.push('before'))
  call.onCancel(() => heard.push('taken back'))()
  // One that listens while the others are told.
  call.onCancel(() => call.onCancel(() => heard.push('meanwhile')))
  call.cancel(reason)
  call.cancel(reason)
  call.onCancel(() => heard.push('behind'))
  t.same(heard, ['before', 'meanwhile', 'behind'])
})

await t.test('sleep ends by itself, or at once when the call is cancelled, and leaves no timer', async t => {
  const before = timers()
  await new Call().sleep(1)
  const call = new Call()
  const sleeping = call.sleep(60_000)
  call.cancel(reason)
  await t.rejects(sleeping, reason)
  await t.rejects(call.sleep(60_000), reason, 'cancelled before')
  t.equal(timers(), before)
})

await t.test('whileWanted does not wait for work that nobody wants any more', async t => {
  const call = new Call()
  t.equal(await call.untilCancelled(Promise.resolve(1)), 1)
  const failed = new Error('failed')
  await t.rejects(call.untilCancelled(Promise.reject(failed)), failed)
  const waiting = call.untilCancelled(new Promise(() => {}))
  call.cancel(reason)
  await t.rejects(waiting, reason)
  // A failure that comes later is nobody's: it must not end the process.
  await t.rejects(call.untilCancelled(Promise.reject(failed)), reason)
})

await t.test('settle undoes once, however it ends', async t => {
  for (const end of ['resolve', 'reject', 'cancel'] as const) {
    for (const when of ['at once', 'later'] as const) {
      const call = new Call()
      let undone = 0
      const settled = call.settle<string>((resolve, reject) => {
        const ends = {
          resolve: () => resolve(end),
          reject: () => reject(reason),
          cancel: () => call.cancel(reason),
        }
        if (when === 'at once') ends[end]()
        else setImmediate(ends[end])
        return () => (undone += 1)
      })
      if (end === 'resolve') t.equal(await settled, end)
      else await t.rejects(settled, reason)
      call.cancel(reason)
      t.equal(undone, 1, `${end} ${when}`)
    }
  }
})

await t.test('what is settled does not listen to the call any more', async t => {
  const call = new Call()
  let undone = 0
  for (let i = 0; i < 100; i++) {
    await call.settle<void>(resolve => {
      setImmediate(resolve)
      return () => (undone += 1)
    })
  }
  call.cancel(reason)
  t.equal(undone, 100)
})

await t.test('nothing is begun for a call that is cancelled', async t => {
  const call = new Call()
  call.cancel(reason)
  await t.rejects(
    call.settle(() => void t.fail('must not run')),
    reason,
  )
})

await t.test(
  'eachWanted gives what the source gives, closes it, and does not wait for one that stalls',
  async t => {
    let closed = 0
    async function* source(stalls: boolean): AsyncGenerator<number> {
      try {
        yield 1
        if (stalls) await new Promise(() => {})
        yield 2
      } finally {
        closed += 1
      }
    }
    const all: number[] = []
    for await (const item of new Call().eachUntilCancelled(source(false))) all.push(item)
    t.same([all, closed], [[1, 2], 1])
    for await (const item of new Call().eachUntilCancelled(source(false))) if (item === 1) break
    t.equal(closed, 2, 'left early')
    const call = new Call()
    const stalled = (async () => {
      for await (const item of call.eachUntilCancelled(source(true))) t.equal(item, 1)
    })()
    setImmediate(() => call.cancel(reason))
    await t.rejects(stalled, reason)
  },
)

await t.test('a part of a call has attempts of its own, and ends with the call', async t => {
  const call = new Call()
  call.failed = 2
  await call.part(async part => {
    t.equal(part.failed, 0)
    part.failed = 3
    part.started = true
  })
  t.equal(call.failed, 2)
  t.ok(call.started)
  const reason = new Error('aborted')
  const ended = call.part(part => part.sleep(60_000))
  call.cancel(reason)
  await t.rejects(ended, reason)
})
