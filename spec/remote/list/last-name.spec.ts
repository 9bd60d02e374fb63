import t from 'tap'
import { proofOf, type Names, type Proof } from '../../../lib/remote/list/last-name.js'

// Of a listing with 10 entries, 8 of them with names that do not begin with a dot.
const shown = { all: 10, plain: 8, plainBytes: 80 }

const rows: [what: string, names: Names, proof: Proof | 'undecided'][] = [
  ['all names', { ...shown, found: true }, 'names'],
  ['no names that begin with a dot', { ...shown, all: 8, found: true }, 'names'],
  ['a longer name in place of the last one', { ...shown, plainBytes: 82, found: false }, undefined],
  ['that as well, and the last one before it', { ...shown, plainBytes: 82, found: true }, undefined],
  ['one name more', { all: 9, plain: 9, plainBytes: 90, found: true }, undefined],
  ['one more that begins with a dot', { ...shown, all: 11, found: true }, undefined],
  ['no folders', { all: 5, plain: 5, plainBytes: 50, found: true }, 'undecided'],
  ['nothing', { all: 0, plain: 0, plainBytes: 0, found: false }, 'undecided'],
]

for (const [what, names, proof] of rows) {
  t.test(`NLST that shows ${what}`, async t => {
    t.equal(proofOf(names, shown), proof)
  })
}
