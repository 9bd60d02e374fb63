import t from 'tap'
import type { Operation } from './operation.js'
import { Random } from './random.js'
import { cellsOf, isOpen, maxTries, reasonsOf, Schedule, type Turn } from './schedule.js'
import { faultKinds } from './fault-kinds.js'

const prepare = (): never => {
  throw new Error('It is not done')
}
const operations: Operation[] = [
  { name: 'stat', data: [], prepare },
  { name: 'read', data: ['down'], prepare },
]
const setting = { server: 'vsftpd', mode: 'plain', restarts: true } as const

const words = ({ operation, kind }: Turn) => `${operation.name} × ${kind!.name}`

/** What comes to pass in so many turns, of which some find no place. */
function turns(count: number, finds: (turn: Turn) => boolean) {
  const cells = cellsOf(operations, setting)
  const schedule = new Schedule(cells, new Random(42), 3)
  const done = Array.from({ length: count }, () => {
    const turn = schedule.alone()
    schedule.ended(turn, finds(turn))
    return words(turn)
  })
  return { cells, done }
}

const size = cellsOf(operations, setting).length

t.test('each fault meets each operation before one does so again', async t => {
  const { cells, done } = turns(size, () => true)
  t.equal(new Set(done).size, size)
  t.ok(cells.every(({ made }) => made === 1))
  t.notOk(cells.some(isOpen))
})

t.test('what has found no place comes first, up to a number of times', async t => {
  const isRare = ({ operation, kind }: Turn) => operation.name === 'stat' && kind!.name === 'all cut'
  const { cells, done } = turns(size + maxTries - 1, turn => !isRare(turn))
  t.equal(done.filter(each => each === 'stat × all cut').length, maxTries)
  t.equal(cells.filter(({ made }) => made === 0).length, 1)
  t.notOk(cells.some(isOpen), 'it is given up')
})

t.test('the same seed makes the same choice', async t => {
  t.same(turns(100, () => true).done, turns(100, () => true).done)
})

t.test('what makes no sense is no cell, and is counted by its reason', async t => {
  const reasons = reasonsOf(operations, setting)
  const without = [...reasons.values()].reduce((sum, count) => sum + count, 0)
  t.equal(size + without, operations.length * faultKinds.length)
  t.equal(reasons.get('it has no data that goes up'), 1)
})
