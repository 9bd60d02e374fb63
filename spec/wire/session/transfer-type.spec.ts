import t from 'tap'
import { TransferType } from '../../../lib/wire/session/transfer-type.js'

const rows: [dialog: [verb: string, code: number][], settled: boolean][] = [
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

for (const [dialog, settled] of rows) {
  t.test(
    `${dialog.map(([verb, code]) => `${verb} ${code}`).join(', ') || 'a login'}: ${settled}`,
    async t => {
      const type = new TransferType(false)
      for (const [verb, code] of dialog) type.follow({ verb }, { code, lines: [] })
      t.equal(type.settled, settled)
    },
  )
}

t.test('where files go in TYPE A, that is the one to be confirmed', async t => {
  const type = new TransferType(true)
  t.equal(type.command.verb, 'TYPE A')
  type.follow({ verb: 'TYPE A' }, { code: 504, lines: [] })
  t.ok(type.settled, 'no other was asked for')
  type.follow({ verb: 'TYPE I' }, { code: 200, lines: [] })
  t.notOk(type.settled)
  type.follow({ verb: 'TYPE A' }, { code: 200, lines: [] })
  t.ok(type.settled)
})
