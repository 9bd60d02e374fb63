import t from 'tap'
import { Memory, type MemoryShare } from '../../lib/remote/memory.js'

/** Pseudo-random numbers below `below`, the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Lets the shares take in turn, until none may take more. */
function fill(shares: MemoryShare[], bytes: number): void {
  for (let taken = true; taken;) {
    taken = shares.map(share => share.take(bytes)).includes(true)
  }
}

t.test('taken bytes are held, and given back', async t => {
  const memory = new Memory(100)
  const [one, two] = [memory.share(), memory.share()]
  t.equal(one.take(30), true)
  t.equal(two.take(40), false, 'nothing is taken where there is no room')
  t.same([one.held, two.held, memory.used], [30, 0, 30])
  t.equal(two.take(35), true)
  one.add(-10)
  t.same([one.held, memory.used], [20, 55])
  two.clear()
  two.clear()
  t.same([two.held, memory.used], [0, 20])
})

t.test('shares that always want more get the same', async t => {
  for (const count of [1, 2, 3, 10, 80]) {
    const memory = new Memory(64 * 2 ** 20)
    const shares = Array.from({ length: count }, () => memory.share())
    fill(shares, 1024)
    const each = memory.limit / (count + 1)
    for (const { held } of shares) t.ok(Math.abs(held - each) <= 2 * 1024, `${count}: ${held} of ${each}`)
  }
})

t.test('later shares find room, and get the same once the others have given back', async t => {
  const memory = new Memory(64 * 2 ** 20)
  const early = [memory.share(), memory.share()]
  fill(early, 1024)
  const late = Array.from({ length: 6 }, () => memory.share())
  fill(late, 1024)
  t.ok(late.every(({ held }) => held > memory.limit / 32))
  for (const share of early) share.add(-share.held / 2)
  fill([...early, ...late], 1024)
  const all = [...early, ...late].map(({ held }) => held)
  t.ok(Math.max(...all) <= 3 * Math.min(...all), all.join())
})

t.test('in any order, the limit holds, and each share finds room again', async t => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed)
    const memory = new Memory(1000 + next(100_000))
    const shares = Array.from({ length: 1 + next(50) }, () => memory.share())
    for (let step = 0; step < 500; step++) {
      const share = shares[next(shares.length)]!
      const bytes = next(2000)
      const before = share.held
      if (next(3) === 0) share.add(-Math.min(share.held, bytes))
      else if (share.take(bytes) && bytes > 0) {
        if (share.held > memory.limit - memory.used) t.fail(`${seed}: it leaves less than it holds`)
      } else if (share.held !== before) t.fail(`${seed}: it was refused, and holds more`)
      const sum = shares.reduce((sum, { held }) => sum + held, 0)
      if (memory.used !== sum || memory.used > memory.limit)
        t.fail(`${seed}: ${memory.used} of ${memory.limit}`)
    }
    for (const share of shares) share.clear()
    if (!shares[0]!.take(Math.floor(memory.limit / 2))) t.fail(`${seed}: half is free`)
  }
  t.pass('200 sequences')
})
