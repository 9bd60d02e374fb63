import t from 'tap'
import type { PathKind } from '../../../lib/remote/stat/probe-kinds.js'
import { settleChange, settleMove, type ChangeDecision } from '../../../lib/remote/change/settle-change.js'
import { something, type PathState } from '../../../lib/remote/change/path-state.js'

const file = { facts: 'type=file;size=3;unique=1;', unique: '1' }
const written = { facts: 'type=file;size=4;unique=1;', unique: '1' }
const other = { facts: 'type=file;size=3;unique=2;', unique: '2' }
const timed = { facts: '3 20200102030405' }
const timedLater = { facts: '3 20200102030406' }

type Row = [title: string, before: PathState, now: PathState, decision: ChangeDecision]

const made: Row[] = [
  ['nothing was there, and something is', 'missing', file, 'done'],
  ['nothing was seen, and something is', 'unseen', file, 'done'],
  ['something was there: the server refuses it', file, file, 'send again'],
  ['something was there, and is gone', file, 'missing', 'send again'],
  ['something is there, and was perhaps before', 'unknown', file, 'unknown'],
  ['nothing is there', 'unknown', 'missing', 'send again'],
  ['nothing was there, and nothing is', 'missing', 'missing', 'send again'],
  ['nothing is seen: the server tells', 'unknown', 'unseen', 'send again'],
  ['it cannot be asked: the server tells', 'unknown', 'unknown', 'send again'],
]

const removed: Row[] = [
  ['it was there, and is gone', file, 'missing', 'done'],
  ['it was known to be there, and is gone', something, 'missing', 'done'],
  ['nothing was there: the server refuses it', 'missing', 'missing', 'send again'],
  ['nothing was there, and something is: it is another thing', 'missing', file, 'refused'],
  ['nothing is there, and perhaps never was', 'unknown', 'missing', 'unknown'],
  ['nothing is there, and perhaps was not seen', 'unseen', 'missing', 'unknown'],
  ['it is still there', file, file, 'send again'],
  ['it is there, and was perhaps not before', 'unknown', file, 'send again'],
  ['another file has its name', file, other, 'done'],
  ['the same file has changed: it may be another of the same number', file, written, 'unknown'],
  ['a file of another time has its name, no number is told', timed, timedLater, 'unknown'],
  ['it was known to be there, and something is', something, file, 'send again'],
  ['it was there, and cannot be seen now: the server tells', file, 'unseen', 'send again'],
  ['it cannot be asked: the server tells', 'unknown', 'unknown', 'send again'],
  ['nothing was there, and it cannot be asked now', 'missing', 'unknown', 'send again'],
]

t.test('what a change has come to whose reply was lost', async t => {
  for (const [title, before, now, decision] of made)
    t.equal(settleChange('make', before, now), decision, `make: ${title}`)
  for (const [title, before, now, decision] of removed)
    t.equal(settleChange('remove', before, now), decision, `remove: ${title}`)
})

const standings: PathState[] = [file, something, other, 'missing', 'unseen', 'unknown']

t.test('what was so before is no success', async t => {
  for (const standing of standings) {
    t.not(settleChange('make', standing, standing), 'done')
    t.not(settleChange('remove', standing, standing), 'done')
  }
})

const moves: [title: string, stood: boolean, from: PathKind, to: PathKind, decision: ChangeDecision][] = [
  ['the source was there, and is at the new name', true, 'missing', 'file', 'done'],
  ['the source was there, and a folder is at the new name', true, 'missing', 'directory', 'done'],
  ['the source is still there', true, 'file', 'missing', 'send again'],
  ['the source is still there, and a file at the new name', false, 'file', 'file', 'send again'],
  ['the source was there, and nothing is at either name', true, 'missing', 'missing', 'unknown'],
  ['nothing is at either name: the server refuses it', false, 'missing', 'missing', 'send again'],
  ['the source was perhaps never there', false, 'missing', 'file', 'unknown'],
  ['the source is a link to nothing', false, 'dangling', 'file', 'send again'],
]

t.test('what a move has come to whose reply was lost', async t => {
  for (const [title, stood, from, to, decision] of moves)
    t.equal(settleMove(stood, from, to), decision, title)
})
