import fc from 'fast-check'
import t from 'tap'
import type { FileState } from '../../../lib/remote/write/file-state.js'
import { settle, type UploadAttempt, type Decision } from '../../../lib/remote/write/settle.js'

const file = (size: number, time?: string): FileState => ({ size, time })
const before = file(100, 'noon')

/** 100 bytes, all of which can be sent again, replace a file of 100 bytes. */
const usual: UploadAttempt = {
  mode: 'replace',
  end: 'stored',
  before,
  now: file(100, 'later'),
  expected: 100,
  waiting: 100,
  allSent: true,
  replaces: true,
}

const lost = { end: 'lost' } as const
const cannotBeSentAgain = { waiting: 0 }
const append = { mode: 'append', before: file(60, 'noon'), waiting: 40 } as const
const patch = { mode: 'patch' } as const

const table: [title: string, what: Partial<UploadAttempt>, decision: Decision][] = [
  // A 2yz, and the file has the size that it has to have.
  ['stored, the time has moved', {}, 'done'],
  ['stored over a file of another size', { before: file(7, 'noon'), now: file(100, 'noon') }, 'done'],
  ['stored where nothing was', { before: 'missing' }, 'done'],
  ['stored, and before it was not told', { before: 'unknown' }, 'compare'],
  [
    'stored, the size is another, and before it was not told',
    { before: 'unknown', now: file(99) },
    'start over',
  ],
  ['stored, size and time as before', { now: before }, 'compare'],
  ['stored, size as before, the time is not told', { now: file(100) }, 'compare'],
  ['stored, size as before, the time was not told', { before: file(100), now: before }, 'compare'],
  [
    'nothing stored over nothing: no bytes could be others',
    { before: file(0, 'noon'), now: file(0, 'noon'), expected: 0, waiting: 0 },
    'done',
  ],
  ['a stream stored, size and time as before', { now: before, ...cannotBeSentAgain }, 'compare'],
  // A 2yz, and the size is another.
  ['stored, too short', { now: file(99, 'later') }, 'start over'],
  ['stored, too long', { now: file(101, 'later') }, 'start over'],
  ['stored, and nothing is there', { before: 'missing', now: 'missing' }, 'start over'],
  ['stored, and the old file is gone', { now: 'missing' }, 'start over'],
  ['stored, and no size is told', { now: 'unknown' }, 'fail'],
  [
    'stored, the file of another size is as before: it went to another name',
    { before: file(7, 'noon'), now: file(7, 'noon') },
    'fail',
  ],
  ['a stream stored, too short', { now: file(99, 'later'), ...cannotBeSentAgain }, 'fail'],
  // Lost: only what could not have been so before proves anything.
  ['lost, the size was another before', { ...lost, before: file(7, 'noon') }, 'done'],
  ['lost, nothing was there before', { ...lost, before: 'missing' }, 'done'],
  ['lost, size as before, the time has moved', { ...lost }, 'done'],
  ['lost, the time has moved on an unknown server', { ...lost, replaces: false }, 'start over'],
  ['lost, size and time as before', { ...lost, now: before }, 'start over'],
  ['lost, the time is not told', { ...lost, now: file(100) }, 'start over'],
  ['lost, and before it was not asked', { ...lost, before: 'unknown' }, 'start over'],
  ['lost, the size is not told now', { ...lost, now: 'unknown' }, 'start over'],
  ['lost, too short', { ...lost, now: file(99, 'later') }, 'start over'],
  ['lost, nothing is there', { ...lost, now: 'missing' }, 'start over'],
  ['lost before all was sent', { ...lost, before: file(7, 'noon'), allSent: false }, 'start over'],
  [
    'a stream lost, the size was another before',
    { ...lost, ...cannotBeSentAgain, before: 'missing' },
    'done',
  ],
  ['a stream lost, size and time as before', { ...lost, ...cannotBeSentAgain, now: before }, 'fail'],
  ['a stream lost, too short', { ...lost, ...cannotBeSentAgain, now: file(99, 'later') }, 'fail'],
  ['nothing stored, lost', { ...lost, now: file(0, 'noon'), expected: 0, waiting: 0 }, 'done'],
  // 40 bytes behind 60 that are there.
  ['appended', append, 'done'],
  ['appended, too short: it may be late, or a part', { ...append, now: file(80) }, 'count'],
  ['appended, as long as before', { ...append, now: file(60) }, 'count'],
  ['appended, shorter than before', { ...append, now: file(59) }, 'fail'],
  ['appended, and nothing is there', { ...append, before: 'missing', now: 'missing', expected: 40 }, 'fail'],
  ['appended, none of it waits, too short', { ...append, waiting: 0, now: file(80) }, 'fail'],
  ['appended, too long', { ...append, now: file(101) }, 'fail'],
  ['appended, and no size is told', { ...append, now: 'unknown' }, 'fail'],
  ['append lost, all is there', { ...append, ...lost }, 'done'],
  ['append lost, a part is there', { ...append, ...lost, now: file(75) }, 15],
  ['append lost, nothing of it is there', { ...append, ...lost, now: file(60) }, 0],
  ['append lost, the file has become shorter', { ...append, ...lost, now: file(59) }, 'fail'],
  ['append lost, the file has become longer', { ...append, ...lost, now: file(101) }, 'fail'],
  ['append lost, the file had become so long before', { ...append, ...lost, before }, 'fail'],
  ['append lost, no size is told', { ...append, ...lost, now: 'unknown' }, 'fail'],
  [
    'append to nothing lost, nothing is there',
    { ...append, ...lost, before: 'missing', now: 'missing', expected: 40 },
    0,
  ],
  [
    'append of nothing lost, no file was made',
    { ...append, ...lost, before: 'missing', now: 'missing', expected: 0, waiting: 0 },
    0,
  ],
  [
    'append of nothing lost before it began: the file is as before',
    { ...append, ...lost, before: file(60), now: file(60), expected: 60, waiting: 0, allSent: false },
    0,
  ],
  // What follows a part of the file that cannot be sent again.
  ['the rest stored', { ...append, mode: 'replace' }, 'done'],
  ['the rest stored, too short', { ...append, mode: 'replace', now: file(80) }, 'count'],
  ['the rest lost, a part is there', { ...append, ...lost, mode: 'replace', now: file(61) }, 1],
  [
    'the rest lost, the part before it is gone',
    { ...append, ...lost, mode: 'replace', now: 'missing' },
    'fail',
  ],
  // The size tells nothing of bytes in the middle of a file.
  ['changed in place', { ...patch, now: before }, 'compare'],
  ['changed in place, the time has moved', patch, 'compare'],
  ['changed in place, shorter than before', { ...patch, now: file(99) }, 'fail'],
  ['changed in place and longer, as long as before', { ...patch, now: before, expected: 120 }, 'start over'],
  ['changed in place and longer, too short', { ...patch, now: file(110), expected: 120 }, 'start over'],
  ['changed in place and longer, too long', { ...patch, now: file(121), expected: 120 }, 'fail'],
  ['changed in place, how long it was is not known', { ...patch, before: 'unknown', now: file(99) }, 'fail'],
  ['changed in place, and no size is told', { ...patch, now: 'unknown' }, 'fail'],
  ['changed in place, lost', { ...patch, ...lost }, 'start over'],
]

t.test('what follows from an attempt', async t => {
  for (const [title, what, decision] of table) t.equal(settle({ ...usual, ...what }), decision, title)
})

const sizes = fc.nat(4)
const states: fc.Arbitrary<FileState> = fc.oneof(
  fc.constantFrom('missing' as const, 'unknown' as const),
  fc.record({ size: sizes, time: fc.constantFrom('noon', 'later', undefined) }),
)
const attempts = fc
  .record({
    mode: fc.constantFrom('replace' as const, 'append' as const, 'patch' as const),
    end: fc.constantFrom('stored' as const, 'lost' as const),
    before: states,
    now: states,
    expected: sizes,
    waiting: sizes,
    allSent: fc.boolean(),
    replaces: fc.boolean(),
  })
  .filter(({ expected, waiting }) => waiting <= expected)

t.test('whatever the attempt', async t => {
  const always = (title: string, holds: (attempt: UploadAttempt, decision: Decision) => boolean): void => {
    fc.assert(
      fc.property(attempts, attempt => holds(attempt, settle(attempt))),
      { numRuns: 5_000 },
    )
    t.pass(title)
  }
  const sizeOf = (state: FileState): number | undefined =>
    typeof state === 'object' ? state.size : undefined

  always('nothing is done without the right size', ({ now, expected }, decision) =>
    decision === 'done' || decision === 'compare' ? sizeOf(now) === expected : true,
  )
  always(
    'a loss that leaves everything as it was proves nothing',
    ({ mode, end, before, now, expected, waiting }, decision) =>
      end === 'lost' && expected > 0 && JSON.stringify(before) === JSON.stringify(now)
        ? decision !== 'done' || (mode === 'append' && waiting === 0)
        : true,
  )
  always('nothing starts over that cannot be sent again', ({ mode, waiting, expected }, decision) =>
    decision === 'start over' ? mode === 'patch' || waiting === expected : true,
  )
  always('what resumes has bytes left, or a file to make', ({ waiting }, decision) =>
    typeof decision === 'number' ? decision >= 0 && decision <= waiting : true,
  )
})
