import fc from 'fast-check'
import t from 'tap'
import type { FileState } from '../../../lib/remote/write/file-state.js'
import {
  settleExclusive,
  type ExclusiveAttempt,
  type ExclusiveDecision,
} from '../../../lib/remote/write/settle-exclusive.js'

const file = (size: number): FileState => ({ size })

/** 9000 bytes, lost on their way to a missing file. */
const usual: ExclusiveAttempt = {
  sent: true,
  accepted: false,
  told: false,
  allSent: true,
  before: 'missing',
  now: file(9000),
  expected: 9000,
}

const accepted = { accepted: true }
const told = { accepted: true, told: true }
const midway = { allSent: false }
const ours = { same: true }
const others = { same: false }
const empty = { now: file(0) }
const lock = { ...empty, expected: 0 }

const table: [title: string, what: Partial<ExclusiveAttempt>, decision: ExclusiveDecision][] = [
  ['the file is missing', { now: 'missing' }, 'start over'],
  ['the file is missing, midway', { ...midway, ...accepted, now: 'missing' }, 'start over'],
  // A file that was not sent cannot be ours.
  ['nothing was sent, and a file exists', { ...midway, sent: false }, 'taken'],
  ['nothing was sent, and an empty file exists', { ...midway, ...lock, sent: false }, 'taken'],
  ['nothing was sent, the state now unknown', { sent: false, now: 'unknown' }, 'start over'],
  ['the state now unknown', { now: 'unknown' }, 'unknown'],
  ['the state now unknown, midway', { ...midway, ...accepted, now: 'unknown' }, 'unknown'],
  // Of the right size: the bytes decide.
  ['of the right size', {}, 'compare'],
  ['of the right size, with our bytes', ours, 'done'],
  ['of the right size, with our bytes, and the server had begun', { ...accepted, ...ours }, 'done'],
  ['of the right size, with other bytes', others, 'taken'],
  [
    'of the right size, with other bytes, although the server had begun',
    { ...accepted, ...others },
    'unknown',
  ],
  ['our bytes, which were not all sent', { ...midway, ...accepted, ...ours }, 'unknown'],
  ['our bytes, the state before unknown', { before: 'unknown', ...ours }, 'unknown'],
  [
    'our bytes, the state before unknown, but the server had begun',
    { ...accepted, before: 'unknown', ...ours },
    'done',
  ],
  // Of another size.
  ['longer', { now: file(9001) }, 'taken'],
  ['longer, although the server had begun', { ...accepted, now: file(9001) }, 'unknown'],
  ['shorter', { ...midway, now: file(5000) }, 'compare'],
  ['shorter, with other bytes', { ...midway, now: file(5000), ...others }, 'taken'],
  ['a part that the server had begun', { ...midway, ...accepted, now: file(5000), ...ours }, 'start over'],
  ['a part that the server is not known to have begun', { ...midway, now: file(5000), ...ours }, 'unknown'],
  ['a few bytes that begin like ours', { ...midway, ...accepted, now: file(4), ...ours }, 'unknown'],
  [
    'a few bytes of a transfer that the server says has ended',
    { ...midway, ...told, now: file(4), ...ours },
    'start over',
  ],
  ['a few other bytes, whatever the server says', { ...midway, ...told, now: file(4), ...others }, 'unknown'],
  // No bytes show whose an empty file is.
  ['an empty file in place of one with bytes', { ...midway, ...accepted, ...empty }, 'unknown'],
  [
    'an empty file of a transfer that the server says has ended',
    { ...midway, ...told, ...empty },
    'start over',
  ],
  ['an empty lock', lock, 'unknown'],
  ['an empty lock that the server had begun', { ...lock, ...accepted }, 'done'],
  [
    'an empty lock that the server had begun, the state before unknown',
    { ...lock, ...accepted, before: 'unknown' },
    'unknown',
  ],
]

for (const [title, what, decision] of table) {
  t.test(`${title}: ${decision}`, async t => {
    t.equal(settleExclusive({ ...usual, ...what }), decision)
  })
}

t.test('no file with bytes is ours, or is overwritten, unless they were compared', async t => {
  const states = fc.oneof(
    fc.constantFrom<FileState>('unknown', 'missing'),
    fc.integer({ min: 1, max: 12_000 }).map(file),
  )
  const attempts = fc.record({
    sent: fc.boolean(),
    accepted: fc.boolean(),
    told: fc.boolean(),
    allSent: fc.boolean(),
    before: states,
    now: states.filter(state => typeof state === 'object'),
    expected: fc.integer({ min: 0, max: 12_000 }),
    same: fc.constantFrom(undefined, false),
  })
  fc.assert(
    fc.property(attempts, attempt => {
      t.notOk(['done', 'start over'].includes(settleExclusive(attempt)))
    }),
  )
})
