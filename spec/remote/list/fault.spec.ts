import t from 'tap'
import { faultOf } from '../../../lib/remote/list/fault.js'
import type { ListingStep } from '../../../lib/remote/list/broken-listing.js'
import type { Fault } from '../../../lib/remote/list/listing-way.js'

const rows: [step: ListingStep, code: number, words: string, hasEntered: boolean, expected?: Fault][] = [
  ['CWD', 500, 'CWD not understood', false, 'no CWD'],
  ['CWD', 502, 'Command not implemented', false, 'no CWD'],
  ['CWD', 500, 'No such directory', false],
  ['CWD', 500, 'Cannot do that', true],
  ['CWD', 550, 'Failed', false],
  ['CWD', 501, 'Bad argument', false],
  ['PWD', 502, 'CWD leads nowhere', true, 'CWD stays'],
  ['listing', 500, 'MLSD not understood', true, 'no command'],
  ['listing', 501, 'Missing parameters', true, 'no command'],
  ['listing', 502, 'Not implemented', true, 'no command'],
  ['listing', 504, 'Not for that parameter', true, 'no command'],
  ['listing', 501, 'No such directory.', true],
  ['listing', 550, 'Permission denied', true],
  ['listing', 450, 'Busy', true],
  ['listing', 550, 'Use TYPE A for listings', true, 'wants ASCII'],
  ['listing', 425, 'Only in ASCII mode', true, 'wants ASCII'],
  ['listing', 502, 'not in binary: ASCII only', true, 'wants ASCII'],
  ['listing', 550, 'Non-ASCII characters in the path', true],
  ['listing', 550, 'type accepted', true],
  ['TYPE', 504, 'No ASCII here', true],
]

for (const [step, code, words, hasEntered, expected] of rows) {
  t.test(`${step}: ${code} ${words} is ${expected ?? 'about the folder'}`, async t => {
    t.equal(faultOf({ step, reply: { code }, words, hasEntered }), expected)
  })
}
