import t from 'tap'
import { basename, decodeName, dirname, encodeName, nameBuffer } from '../../lib/wire/names.js'

await t.test('text in UTF-8 and back', async t => {
  for (const name of ['', 'a', 'caf\u00e9', 'cafe\u0301', '\u65e5\u672c', '\u{1f600}']) {
    const bytes = encodeName(name)
    t.ok(/^[\0-\xff]*$/.test(bytes), 'each character is a byte')
    t.same(nameBuffer(bytes), Buffer.from(name))
    t.equal(decodeName(bytes), name)
  }
})

await t.test('text in latin1', async t => {
  t.equal(encodeName('caf\xe9', 'latin1'), 'caf\xe9')
  t.equal(decodeName('caf\xe9', 'latin1'), 'caf\xe9')
})

await t.test('bytes stay what they are', async t => {
  const bytes = Buffer.from([0x2f, 0xff, 0x00, 0xe9, 0x80])
  for (const encoding of ['utf8', 'latin1'] as const) t.same(nameBuffer(encodeName(bytes, encoding)), bytes)
  const part = new Uint8Array([1, 2, 0x61, 0xff, 3]).subarray(2, 4)
  t.equal(encodeName(part), 'a\xff')
})

await t.test('what is not UTF-8 reads as U+FFFD', async t => {
  t.equal(decodeName('caf\xe9'), 'caf\ufffd')
})

await t.test('dirname and basename', async t => {
  for (const [path, folder, name] of [
    ['/a', '/', 'a'],
    ['/a/b c', '/a', 'b c'],
    ['/a/b/c', '/a/b', 'c'],
    ['/', '/', ''],
  ] as const) {
    t.same([dirname(path), basename(path)], [folder, name], path)
  }
})
