import iconv from 'iconv-lite'
import t from 'tap'
import { nameEncoding } from '../../../lib/wire/names/name-encoding.js'

const windows = [1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map(page => `windows-${page}`)
const iso = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16].map(part => `iso-8859-${part}`)
const dos = ['cp437', 'cp850', 'cp852', 'cp866', 'koi8-r', 'koi8-u', 'macintosh', 'ascii', 'tis-620']
const eastAsian = ['gbk', 'gb2312', 'gb18030', 'big5', 'big5-hkscs', 'shift_jis', 'euc-jp', 'euc-kr', 'cp949']
const usable = [...windows, ...iso, ...dos, ...eastAsian]

t.test('one name for every spelling of an encoding', async t => {
  for (const written of ['utf8', 'UTF-8', 'utf_8', 'Utf 8']) t.equal(nameEncoding(written), 'utf8', written)
  for (const written of ['latin1', 'Latin-1', 'ISO-8859-1', 'iso8859_1', 'l1', 'cp819', 'binary'])
    t.equal(nameEncoding(written), 'latin1', written)
  for (const written of ['windows-1251', 'Windows1251', 'WINDOWS_1251'])
    t.equal(nameEncoding(written), 'windows1251', written)
  t.equal(nameEncoding('Shift_JIS'), 'shiftjis')
  t.equal(nameEncoding('437'), '437')
})

t.test('unknown encodings, and those that are no superset of ASCII, are undefined', async t => {
  const refused = [
    ...['utf16', 'utf-16le', 'utf-16be', 'ucs2', 'utf32', 'utf-32le', 'utf7', 'utf-7-imap', 'base64', 'hex'],
    // They replace some characters of ASCII.
    ...['iso646-jp', 'iso646-cn', 'viscii', 'tcvn', 'cp864', 'armscii8'],
    ...['', ' ', '-', 'klingon', '__proto__', 'constructor', 'toString', '_internal', 'utf8/'.repeat(50)],
  ]
  for (const written of refused) t.equal(nameEncoding(written), undefined, written)
})

t.test('no other character has a byte that ends a name or a command', async t => {
  const ends = ['\0', '\n', '\r', '/']
  const beyond: string[] = []
  for (let code = 0x80; code <= 0x2ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) beyond.push(String.fromCodePoint(code))
  }
  const text = beyond.join('')
  for (const written of usable) {
    const encoding = nameEncoding(written)
    t.ok(encoding, written)
    const bytes = iconv.encode(text, encoding!)
    t.notOk(
      ends.some(end => bytes.includes(end)),
      `${written} writes none as a part of another`,
    )
    const misread = ends.flatMap(end =>
      Array.from({ length: 128 }, (_, at) => Buffer.from([0x80 + at, end.charCodeAt(0), 0x61])).filter(
        pair => !iconv.decode(pair, encoding!).endsWith(`${end}a`),
      ),
    )
    t.same(misread, [], `${written} reads none as a part of another`)
  }
})

t.test('each encodes ASCII as itself', async t => {
  const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code))
  for (const written of usable) {
    const encoding = nameEncoding(written)!
    t.same(iconv.encode(ascii.toString('latin1'), encoding), ascii, written)
    t.equal(iconv.decode(ascii, encoding), ascii.toString('latin1'), written)
  }
})
