import t from 'tap'
import { entryName } from '../../lib/node/entry-name.js'

const name = '\xc3\xa4'

for (const [encoding, expected] of [
  [undefined, 'ä'],
  [null, 'ä'],
  ['utf8', 'ä'],
  ['utf-8', 'ä'],
  ['latin1', '\xc3\xa4'],
  ['hex', 'c3a4'],
  ['base64', 'w6Q='],
  ['buffer', Buffer.from([0xc3, 0xa4])],
] as const) {
  t.test(`encoding ${encoding}`, async t => t.same(entryName(name, encoding, 'utf8'), expected))
}

t.test('text comes by the encoding of the server, bytes as they are', async t => {
  t.equal(entryName('\xe4', undefined, 'windows-1252'), 'ä')
  t.same(entryName('\xe4', 'buffer', 'windows-1252'), Buffer.from([0xe4]))
})
