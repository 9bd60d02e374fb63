import fc from 'fast-check'
import t from 'tap'
import {
  basename,
  decodeName,
  dirname,
  encodeName,
  isEncodable,
  nameBuffer,
} from '../../../lib/wire/names/names.js'

const char = (code: number): string => String.fromCharCode(code)
const ascii = fc.integer({ min: 1, max: 0x7e }).map(char)
const isBytes = (text: string): boolean => /^[\0-\xff]*$/.test(text)

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

await t.test('text in other encodings', async t => {
  for (const [encoding, name, bytes] of [
    ['windows1251', 'отчёт Я', [0xee, 0xf2, 0xf7, 0xb8, 0xf2, 0x20, 0xdf]],
    ['windows1251', 'я', [0xff]],
    ['koi8r', 'Яна', [0xf1, 0xce, 0xc1]],
    ['gbk', '报告.txt', [0xb1, 0xa8, 0xb8, 0xe6, 0x2e, 0x74, 0x78, 0x74]],
    // Their second bytes are ASCII letters, the backslash and the vertical bar.
    ['gbk', '丂乗', [0x81, 0x40, 0x81, 0x5c]],
    ['shiftjis', '表ソポ', [0x95, 0x5c, 0x83, 0x5c, 0x83, 0x7c]],
    ['gb18030', '\u{1f600}', [0x94, 0x39, 0xfc, 0x36]],
    ['eucjp', '日本', [0xc6, 0xfc, 0xcb, 0xdc]],
    ['big5', '功', [0xa5, 0x5c]],
    ['cp437', 'é', [0x82]],
  ] as const) {
    t.same(nameBuffer(encodeName(name, encoding)), Buffer.from(bytes), `${name} in ${encoding}`)
    t.equal(decodeName(Buffer.from(bytes).toString('latin1'), encoding), name, `${encoding} read as ${name}`)
    t.ok(isEncodable(name, encoding))
  }
})

await t.test('a byte order mark at the start of a name is part of it', async t => {
  for (const encoding of ['utf8', 'gb18030', 'cesu8']) {
    t.equal(decodeName(encodeName('\ufeffx', encoding), encoding), '\ufeffx', encoding)
  }
})

await t.test('every name that an encoding can hold round-trips', async () => {
  const letters = {
    utf8: fc.string({ unit: 'binary' }),
    latin1: fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map(code => String.fromCharCode(code)) }),
    windows1251: fc.string({ unit: fc.constantFrom(...'абвёяЯШ №«»€ aZ~\\/') }),
    gbk: fc.string({ unit: fc.oneof(fc.integer({ min: 0x4e00, max: 0x9fa5 }).map(char), ascii) }),
    shiftjis: fc.string({ unit: fc.oneof(fc.constantFrom(...'日本語表ソポ能ｱｲｳあア漢字'), ascii) }),
  }
  for (const [encoding, names] of Object.entries(letters)) {
    fc.assert(
      fc.property(names, name => {
        const bytes = encodeName(name, encoding)
        return isEncodable(name, encoding) && isBytes(bytes) && decodeName(bytes, encoding) === name
      }),
    )
  }
})

await t.test('any text round-trips exactly if isEncodable says so', async t => {
  for (const encoding of ['latin1', 'windows1251', 'gbk', 'gb18030', 'shiftjis', 'eucjp', 'big5hkscs']) {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const back = decodeName(nameBuffer(encodeName(text, encoding)).toString('latin1'), encoding)
        return isEncodable(text, encoding) === (back === text)
      }),
    )
  }
  t.notOk(isEncodable('报告', 'windows1251'))
  t.notOk(isEncodable('Ł', 'latin1'))
  t.notOk(isEncodable('¥', 'shiftjis'), 'iconv-lite encodes it as a backslash')
  t.notOk(isEncodable('\u{1f600}', 'gbk'))
  t.notOk(isEncodable('?\ufffd', 'gbk'))
  t.ok(isEncodable('?', 'gbk'))
})

await t.test('bytes stay unchanged', async t => {
  const bytes = Buffer.from([0x2f, 0xff, 0x00, 0xe9, 0x80])
  for (const encoding of ['utf8', 'latin1', 'gbk', 'windows1251'])
    t.same(nameBuffer(encodeName(bytes, encoding)), bytes)
  const part = new Uint8Array([1, 2, 0x61, 0xff, 3]).subarray(2, 4)
  t.equal(encodeName(part), 'a\xff')
})

await t.test('invalid bytes decode to U+FFFD', async t => {
  t.equal(decodeName('caf\xe9'), 'caf\ufffd')
  t.equal(decodeName('a\x81', 'gbk'), 'a\ufffd', 'half a character')
  t.equal(decodeName('a\x98b', 'windows1251'), 'a\ufffdb', 'a byte without a character')
  t.equal(decodeName('a\xffb', 'ascii'), 'a\ufffdb')
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
