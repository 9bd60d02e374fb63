import t from 'tap'
import { TransferType } from '../../../lib/wire/session/transfer-type.js'

const rows: [dialog: [verb: string, code: number][], settled: boolean][] = [
  [[], true],
  [[['TYPE A', 200]], false],
  // The server may have changed the type all the same.
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

t.test('if files use TYPE A, that is the type to set again', async t => {
  const type = new TransferType(true)
  t.equal(type.command.verb, 'TYPE A')
  type.follow({ verb: 'TYPE A' }, { code: 504, lines: [] })
  t.ok(type.settled, 'no other type was sent')
  type.follow({ verb: 'TYPE I' }, { code: 200, lines: [] })
  t.notOk(type.settled)
  type.follow({ verb: 'TYPE A' }, { code: 200, lines: [] })
  t.ok(type.settled)
})
