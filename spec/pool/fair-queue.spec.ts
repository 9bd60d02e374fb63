import PQueue from 'p-queue'
import t from 'tap'
import { FairQueue, type FairOptions, type WorkKind } from '../../lib/pool/fair-queue.js'

/** A p-queue with one place, and the order in which it served. */
function queue() {
  const served: string[] = []
  const queue = new PQueue<FairQueue, FairOptions>({
    concurrency: 1,
    queueClass: FairQueue,
    autoStart: false,
  })
  const add = (kind: WorkKind, name: string, signal?: AbortSignal): void => {
    const task = async (): Promise<void> => void served.push(name)
    queue.add(task, { kind, ...(signal && { signal }) }).catch(() => {})
  }
  return { queue, served, add }
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}`)

await t.test('metadata comes first, what was served before comes before it, each in its order', async t => {
  const { queue: q, served, add } = queue()
  for (const name of numbered('t', 2)) add('transfer', name)
  for (const name of numbered('m', 3)) add('metadata', name)
  for (const name of numbered('a', 2)) add('again', name)
  t.equal(q.size, 7)
  t.equal(q.sizeBy({ kind: 'metadata' }), 3)
  q.start()
  await q.onIdle()
  t.same(served, ['a0', 'a1', 'm0', 'm1', 'm2', 't0', 't1'])
})

await t.test('a transfer that waits is passed over four times', async t => {
  const { queue: q, served, add } = queue()
  for (const name of numbered('t', 3)) add('transfer', name)
  for (const name of numbered('m', 10)) add('metadata', name)
  q.start()
  await q.onIdle()
  t.equal(served.join(' '), 'm0 m1 m2 m3 t0 m4 m5 m6 m7 t1 m8 m9 t2')
})

await t.test('metadata alone is counted against nobody', async t => {
  const { queue: q, served, add } = queue()
  for (const name of numbered('m', 10)) add('metadata', name)
  q.start()
  await q.onIdle()
  q.pause()
  add('transfer', 't')
  for (const name of numbered('n', 4)) add('metadata', name)
  q.start()
  await q.onIdle()
  t.equal(served.slice(10).join(' '), 'n0 n1 n2 n3 t')
})

await t.test(
  'who leaves is not counted and not served, and nobody behind is passed over more for it',
  async t => {
    const { queue: q, served, add } = queue()
    const leave = new AbortController()
    for (const name of numbered('gone', 3)) add('transfer', name, leave.signal)
    add('transfer', 't')
    for (const name of numbered('m', 6)) add('metadata', name)
    leave.abort()
    t.equal(q.size, 7)
    q.start()
    await q.onIdle()
    t.equal(served.join(' '), 'm0 m1 m2 m3 t m4 m5')
  },
)

await t.test('an empty queue gives nothing, and has no priorities', async t => {
  t.equal(new FairQueue().dequeue(), undefined)
  t.throws(() => new FairQueue().setPriority(), /by kind/)
})

await t.test('thousands are served quickly', async t => {
  const { queue: q, served, add } = queue()
  for (const name of numbered('m', 20_000)) add('metadata', name)
  q.start()
  await q.onIdle()
  t.equal(served.length, 20_000)
})
