import t from 'tap'
import { TransferType } from '../../lib/wire/transfer-type.js'

const rows: [dialog: [verb: string, code: number][], binary: boolean][] = [
  [[], true],
  [[['TYPE A', 200]], false],
  // It may have been taken all the same.
  [[['TYPE A', 504]], false],
  [
    [
      ['TYPE A', 200],
      ['LIST', 226],
    ],
    false,
  ],
  [
    [
      ['TYPE A', 200],
      ['TYPE I', 200],
    ],
    true,
  ],
  [
    [
      ['TYPE A', 200],
      ['TYPE I', 504],
    ],
    false,
  ],
]

for (const [dialog, binary] of rows) {
  t.test(`${dialog.map(([verb, code]) => `${verb} ${code}`).join(', ') || 'a login'}: ${binary}`, async t => {
    const type = new TransferType()
    for (const [verb, code] of dialog) type.follow({ verb }, { code, lines: [] })
    t.equal(type.binary, binary)
  })
}
