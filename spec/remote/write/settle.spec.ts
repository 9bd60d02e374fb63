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
  // A 2yz, and the file has the expected size.
  ['stored, the time has changed', {}, 'done'],
  ['stored over a file of another size', { before: file(7, 'noon'), now: file(100, 'noon') }, 'done'],
  ['stored where nothing was', { before: 'missing' }, 'done'],
  ['stored, the state before unknown', { before: 'unknown' }, 'compare'],
  ['stored, the size is wrong, the state before unknown', { before: 'unknown', now: file(99) }, 'start over'],
  ['stored, size and time as before', { now: before }, 'compare'],
  ['stored, size as before, the time now unknown', { now: file(100) }, 'compare'],
  ['stored, size as before, the time before unknown', { before: file(100), now: before }, 'compare'],
  [
    'nothing stored over nothing: no bytes could be others',
    { before: file(0, 'noon'), now: file(0, 'noon'), expected: 0, waiting: 0 },
    'done',
  ],
  ['a stream stored, size and time as before', { now: before, ...cannotBeSentAgain }, 'compare'],
  // A 2yz, and the size is wrong.
  ['stored, too short', { now: file(99, 'later') }, 'start over'],
  ['stored, too long', { now: file(101, 'later') }, 'start over'],
  ['stored, and the file is missing', { before: 'missing', now: 'missing' }, 'start over'],
  ['stored, and the old file is gone', { now: 'missing' }, 'start over'],
  ['stored, the state now unknown', { now: 'unknown' }, 'fail'],
  [
    'stored, the file of another size is as before: it went to another name',
    { before: file(7, 'noon'), now: file(7, 'noon') },
    'fail',
  ],
  ['a stream stored, too short', { now: file(99, 'later'), ...cannotBeSentAgain }, 'fail'],
  // Lost: only a state that differs from the one before proves anything.
  ['lost, the size was another before', { ...lost, before: file(7, 'noon') }, 'done'],
  ['lost, nothing was there before', { ...lost, before: 'missing' }, 'done'],
  ['lost, size as before, the time has changed', { ...lost }, 'done'],
  ['lost, the time has changed on an unrecognised server', { ...lost, replaces: false }, 'start over'],
  ['lost, size and time as before', { ...lost, now: before }, 'start over'],
  ['lost, the time now unknown', { ...lost, now: file(100) }, 'start over'],
  ['lost, the state before unknown', { ...lost, before: 'unknown' }, 'start over'],
  ['lost, the state now unknown', { ...lost, now: 'unknown' }, 'start over'],
  ['lost, too short', { ...lost, now: file(99, 'later') }, 'start over'],
  ['lost, the file is missing', { ...lost, now: 'missing' }, 'start over'],
  ['lost before all was sent', { ...lost, before: file(7, 'noon'), allSent: false }, 'start over'],
  [
    'a stream lost, the size was another before',
    { ...lost, ...cannotBeSentAgain, before: 'missing' },
    'done',
  ],
  ['a stream lost, size and time as before', { ...lost, ...cannotBeSentAgain, now: before }, 'fail'],
  ['a stream lost, too short', { ...lost, ...cannotBeSentAgain, now: file(99, 'later') }, 'fail'],
  ['nothing stored, lost', { ...lost, now: file(0, 'noon'), expected: 0, waiting: 0 }, 'done'],
  // 40 bytes behind 60 stored ones.
  ['appended', append, 'done'],
  ['appended, too short: it may be late, or a part', { ...append, now: file(80) }, 'count'],
  ['appended, as long as before', { ...append, now: file(60) }, 'count'],
  ['appended, shorter than before', { ...append, now: file(59) }, 'fail'],
  [
    'appended, and the file is missing',
    { ...append, before: 'missing', now: 'missing', expected: 40 },
    'fail',
  ],
  ['appended, no bytes wait, too short', { ...append, waiting: 0, now: file(80) }, 'fail'],
  ['appended, too long', { ...append, now: file(101) }, 'fail'],
  ['appended, the state now unknown', { ...append, now: 'unknown' }, 'fail'],
  ['append lost, all bytes are stored', { ...append, ...lost }, 'done'],
  ['append lost, a part is stored', { ...append, ...lost, now: file(75) }, 15],
  ['append lost, no byte is stored', { ...append, ...lost, now: file(60) }, 0],
  ['append lost, the file has become shorter', { ...append, ...lost, now: file(59) }, 'fail'],
  ['append lost, the file has become longer', { ...append, ...lost, now: file(101) }, 'fail'],
  ['append lost, the file had its final size before', { ...append, ...lost, before }, 'fail'],
  ['append lost, the state now unknown', { ...append, ...lost, now: 'unknown' }, 'fail'],
  [
    'append to a missing file lost, the file is missing',
    { ...append, ...lost, before: 'missing', now: 'missing', expected: 40 },
    0,
  ],
  [
    'append of no bytes lost, no file was created',
    { ...append, ...lost, before: 'missing', now: 'missing', expected: 0, waiting: 0 },
    0,
  ],
  [
    'append of no bytes lost before it began: the file is as before',
    { ...append, ...lost, before: file(60), now: file(60), expected: 60, waiting: 0, allSent: false },
    0,
  ],
  // Bytes that follow a part which cannot be sent again.
  ['the rest stored', { ...append, mode: 'replace' }, 'done'],
  ['the rest stored, too short', { ...append, mode: 'replace', now: file(80) }, 'count'],
  ['the rest lost, a part is stored', { ...append, ...lost, mode: 'replace', now: file(61) }, 1],
  [
    'the rest lost, the part before it is gone',
    { ...append, ...lost, mode: 'replace', now: 'missing' },
    'fail',
  ],
  // The size proves nothing about bytes in the middle of a file.
  ['changed in place', { ...patch, now: before }, 'compare'],
  ['changed in place, the time has changed', patch, 'compare'],
  ['changed in place, shorter than before', { ...patch, now: file(99) }, 'fail'],
  ['changed in place and longer, as long as before', { ...patch, now: before, expected: 120 }, 'start over'],
  ['changed in place and longer, too short', { ...patch, now: file(110), expected: 120 }, 'start over'],
  ['changed in place and longer, too long', { ...patch, now: file(121), expected: 120 }, 'fail'],
  ['changed in place, the size before unknown', { ...patch, before: 'unknown', now: file(99) }, 'fail'],
  ['changed in place, the state now unknown', { ...patch, now: 'unknown' }, 'fail'],
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

t.test('for any attempt', async t => {
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
    'a loss that leaves everything unchanged proves nothing',
    ({ mode, end, before, now, expected, waiting }, decision) =>
      end === 'lost' && expected > 0 && JSON.stringify(before) === JSON.stringify(now)
        ? decision !== 'done' || (mode === 'append' && waiting === 0)
        : true,
  )
  always('nothing starts over that cannot be sent again', ({ mode, waiting, expected }, decision) =>
    decision === 'start over' ? mode === 'patch' || waiting === expected : true,
  )
  always('an upload resumes within the waiting bytes', ({ waiting }, decision) =>
    typeof decision === 'number' ? decision >= 0 && decision <= waiting : true,
  )
})
