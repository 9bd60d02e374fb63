import fc from 'fast-check'
import t from 'tap'
import { PathOrder, type PathAccess, type Reservation, type PathUse } from '../../lib/fs/path-order.js'
import { Call } from '../../lib/pool/call.js'

const waits = (reservation: Reservation): boolean => reservation.waits > 0

/** Whether a call waits for an earlier one. */
function waitsBehind(first: PathUse | PathUse[], second: PathUse | PathUse[]): boolean {
  const order = new PathOrder()
  const uses = (given: PathUse | PathUse[]): PathUse[] =>
    typeof given[0] === 'string' ? [given as PathUse] : (given as PathUse[])
  order.reserve(...uses(first))
  return waits(order.reserve(...uses(second)))
}

/** A reservation that reports its turn. */
function turnOf(reservation: Reservation): { come: boolean } {
  const turn = { come: false }
  void reservation.turn().then(() => (turn.come = true))
  return turn
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const deeds: PathAccess[] = ['read', 'list', 'walk', 'change', 'make', 'makeAll']
const reads: PathAccess[] = ['read', 'list', 'walk']

t.test('which calls wait for which', t => {
  // For which earlier calls: on the path, in it, further below, on its folder, further above.
  const table: Record<
    PathAccess,
    { same: string; below: string; within: string; above: string; inFolder: string }
  > = {
    read: {
      same: 'change make makeAll',
      above: 'change make makeAll',
      within: 'makeAll',
      below: 'makeAll',
      inFolder: 'change make makeAll',
    },
    list: {
      same: 'change make makeAll',
      above: 'change make makeAll',
      within: 'change make makeAll',
      below: 'makeAll',
      inFolder: 'change make makeAll',
    },
    walk: {
      same: 'change make makeAll',
      above: 'change make makeAll',
      within: 'change make makeAll',
      below: 'change make makeAll',
      inFolder: 'change make makeAll',
    },
    change: {
      same: 'read list walk change make makeAll',
      above: 'walk change make makeAll',
      within: 'read list walk change make makeAll',
      below: 'read list walk change make makeAll',
      inFolder: 'list walk change make makeAll',
    },
    make: {
      same: 'read list walk change makeAll',
      above: 'walk change make makeAll',
      within: 'makeAll',
      below: 'makeAll',
      inFolder: 'list walk change make makeAll',
    },
    makeAll: {
      same: 'read list walk change',
      above: 'read list walk change',
      within: '',
      below: '',
      inFolder: 'read list walk change',
    },
  }
  const where = { same: '/a/b/c', inFolder: '/a/b', above: '/a', within: '/a/b/c/d', below: '/a/b/c/d/e' }
  for (const second of deeds) {
    for (const [name, path] of Object.entries(where) as [keyof typeof where, string][]) {
      const found = deeds.filter(first => waitsBehind([first, path], [second, '/a/b/c']))
      t.equal(found.join(' '), table[second][name], `${second} behind a call on ${path}`)
    }
    for (const first of deeds.filter(deed => deed !== 'makeAll'))
      t.notOk(waitsBehind([first, '/a/b/d'], [second, '/a/b/c']), `${second} beside ${first}`)
  }
  t.notOk(waitsBehind(['change', '/a/bc'], ['read', '/a/b']), 'a name that begins alike is another one')
  t.end()
})

t.test('the root', t => {
  t.ok(waitsBehind(['change', '/a'], ['list', '/']))
  t.ok(waitsBehind(['change', '/a/b'], ['walk', '/']))
  t.ok(waitsBehind(['change', '/'], ['read', '/a']))
  t.notOk(waitsBehind(['makeAll', '/a/b'], ['read', '/']), 'it is there')
  t.notOk(waitsBehind(['makeAll', '/a/b'], ['change', '/c']))
  t.end()
})

t.test('a call with two paths', t => {
  const copy: PathUse[] = [
    ['read', '/from'],
    ['change', '/to'],
  ]
  t.ok(waitsBehind(['change', '/from'], copy))
  t.ok(waitsBehind(['read', '/to'], copy))
  t.notOk(waitsBehind(['read', '/from'], copy))
  t.notOk(waitsBehind(copy, ['read', '/from']))
  t.ok(waitsBehind(copy, ['change', '/from']))
  t.ok(waitsBehind(copy, ['read', '/to/in']))
  for (const [from, to] of [
    ['/a', '/a'],
    ['/a', '/a/b'],
    ['/a/b', '/a'],
  ]) {
    const order = new PathOrder()
    const reservation = order.reserve(['change', from!], ['change', to!])
    t.notOk(waits(reservation), `it does not wait for itself: ${from} to ${to}`)
    reservation.leave()
    t.equal(order.size, 0)
  }
  t.end()
})

t.test('calls take their turns in the order of their calls', async t => {
  const order = new PathOrder()
  const [write, read, other, again] = (
    [
      ['change', '/f'],
      ['read', '/f'],
      ['read', '/f'],
      ['change', '/f'],
    ] as PathUse[]
  ).map(use => order.reserve(use))
  const turns = [write, read, other, again].map(reservation => turnOf(reservation!))
  const come = async (): Promise<boolean[]> => {
    await settled()
    return turns.map(turn => turn.come)
  }
  t.same(await come(), [true, false, false, false])
  write!.leave()
  t.same(await come(), [true, true, true, false], 'reads go together')
  other!.leave()
  t.same(await come(), [true, true, true, false])
  read!.leave()
  t.same(await come(), [true, true, true, true])
  again!.leave()
  t.equal(order.size, 0)
})

t.test('no starvation: later reads wait behind a waiting change', t => {
  const order = new PathOrder()
  const first = order.reserve(['read', '/f'])
  const change = order.reserve(['change', '/f'])
  const later = Array.from({ length: 100 }, () => order.reserve(['read', '/f']))
  t.ok(later.every(waits))
  first.leave()
  t.notOk(waits(change))
  t.end()
})

t.test('a failure frees the calls behind it, and is the error of that call only', async t => {
  const order = new PathOrder()
  const call = new Call()
  const failed = order.reserve(['change', '/f']).inTurn(call, () => Promise.reject(new Error('refused')))
  const next = order.reserve(['read', '/f']).inTurn(call, () => Promise.resolve('read'))
  await t.rejects(failed, { message: 'refused' })
  t.equal(await next, 'read')
  t.equal(order.size, 0)
})

t.test('a cancelled call stops waiting, and those behind it still wait for the others', async t => {
  const order = new PathOrder()
  const running = order.reserve(['change', '/a'])
  const call = new Call()
  let worked = false
  const rename = order
    .reserve(['change', '/a'], ['change', '/b'])
    .inTurn(call, async () => void (worked = true))
  const readA = turnOf(order.reserve(['read', '/a']))
  const readB = turnOf(order.reserve(['read', '/b']))
  const rejected = t.rejects(rename, { message: 'aborted' })
  call.cancel(new Error('aborted'))
  await rejected
  await settled()
  t.equal(worked, false)
  t.equal(readA.come, false)
  t.equal(readB.come, true)
  running.leave()
  await settled()
  t.equal(readA.come, true)
})

t.test('to leave twice is to leave once', t => {
  const order = new PathOrder()
  const first = order.reserve(['change', '/f'])
  const second = order.reserve(['change', '/f'])
  const third = order.reserve(['change', '/f'])
  first.leave()
  first.leave()
  t.same([second, third].map(waits), [false, true])
  t.end()
})

t.test('folders that are made again and again', t => {
  t.test('a write in a folder waits for the first call that makes it, and not for the others', t => {
    const order = new PathOrder()
    const makes = Array.from({ length: 10 }, () => order.reserve(['makeAll', '/a/b']))
    t.notOk(makes.some(waits))
    t.ok(waits(order.reserve(['change', '/a/b/0'])))
    makes.shift()!.leave(true)
    for (const use of [
      ['change', '/a/b/1'],
      ['read', '/a/b'],
      ['change', '/a/c'],
    ] as PathUse[])
      t.notOk(waits(order.reserve(use)), use.join(' '))
    t.notOk(waits(order.reserve(['makeAll', '/a/b'])), 'though files are being written in it')
    t.ok(waits(order.reserve(['list', '/a/b'])))
    t.end()
  })
  t.test('a folder that could not be made does not count as made', t => {
    const order = new PathOrder()
    const makes = [1, 2].map(() => order.reserve(['makeAll', '/a/b']))
    makes[0]!.leave(false)
    t.ok(waits(order.reserve(['change', '/a/b/1'])))
    t.end()
  })
  for (const gone of ['/a/b', '/a']) {
    t.test(`after ${gone} has been removed it is made again before anything is written in it`, t => {
      const order = new PathOrder()
      const read = order.reserve(['change', '/a/b/kept'])
      order.reserve(['makeAll', '/a/b']).leave(true)
      const removed = order.reserve(['change', gone])
      const made = order.reserve(['makeAll', '/a/b'])
      const written = order.reserve(['change', '/a/b/f'])
      read.leave()
      t.same([removed, made, written].map(waits), [false, true, true])
      removed.leave(true)
      t.same([made, written].map(waits), [false, true])
      made.leave(true)
      t.notOk(waits(written))
      t.end()
    })
  }
  t.end()
})

t.test('what it costs', t => {
  t.test('calls that have ended leave nothing behind', t => {
    const order = new PathOrder()
    const places = deeds.flatMap(deed => ['/', '/a', '/a/b/c'].map(path => order.reserve([deed, path])))
    t.ok(order.size > 0)
    for (const reservation of places) reservation.leave(true)
    t.equal(order.size, 0)
    t.end()
  })

  t.test('without changes, no path is looked up', t => {
    const order = new PathOrder()
    const places = Array.from({ length: 1000 }, (_, i) => order.reserve([reads[i % 3]!, `/a/b/${i}`]))
    t.equal(order.size, 0)
    t.notOk(places.some(waits))
    const change = order.reserve(['change', '/a/b/7'])
    t.ok(waits(change), 'but a change waits for those on its path')
    for (const reservation of places) reservation.leave()
    t.notOk(waits(change))
    t.end()
  })

  t.test('a call counts the queues that it waits for, and not the calls in them', t => {
    const order = new PathOrder()
    const writes = Array.from({ length: 10_000 }, (_, i) => order.reserve(['change', `/a/${i}`]))
    t.notOk(writes.some(waits))
    const lists = Array.from({ length: 10_000 }, () => order.reserve(['list', '/a']))
    t.ok(lists.every(({ waits }) => waits === 1))
    // In reverse order: the waiters move from one entry to the next, all at once.
    for (const write of writes.reverse()) write.leave()
    t.notOk(lists.some(waits))
    t.end()
  })

  t.test('a path of many folders', t => {
    const order = new PathOrder()
    const deep = '/a'.repeat(5000)
    const write = order.reserve(['change', deep])
    const walk = order.reserve(['walk', '/a'])
    t.ok(waits(walk))
    write.leave()
    t.notOk(waits(walk))
    walk.leave()
    t.equal(order.size, 0)
    t.end()
  })
  t.end()
})

t.test('any calls, with any outcome', t => {
  const paths = ['/', '/a', '/a/b', '/a/b/c', '/a/d', '/e']
  const use = fc.tuple(fc.constantFrom(...deeds), fc.constantFrom(...paths))
  const calls = fc.array(fc.array(use, { minLength: 1, maxLength: 2 }), { maxLength: 30 })
  const picks = fc.infiniteStream(fc.tuple(fc.nat(), fc.nat(3)))
  fc.assert(
    fc.property(calls, picks, (calls, picks) => {
      const order = new PathOrder()
      const going = calls.map(uses => ({ uses, reservation: order.reserve(...(uses as PathUse[])) }))
      while (going.length > 0) {
        const free = going.filter(({ reservation }) => !waits(reservation))
        // The first call waits for none, so at least one can always proceed.
        if (free[0] !== going[0]) return false
        // A call in its turn conflicts with no earlier one. Known folders have their own test.
        for (const one of free) {
          const earlier = going.slice(0, going.indexOf(one))
          const conflicts = earlier.filter(({ uses }) =>
            waitsBehind(uses as PathUse[], one.uses as PathUse[]),
          )
          if (conflicts.length > 0) return false
        }
        const [pick, giveUp] = picks.next().value as [number, number]
        const [one] = giveUp === 0 ? [going[pick % going.length]!] : [free[pick % free.length]!]
        going.splice(going.indexOf(one), 1)
        one.reservation.leave(false)
      }
      return order.size === 0
    }),
    { numRuns: 500 },
  )
  t.pass('each has its turn, behind all with which it conflicts')
  t.end()
})
