import fc from 'fast-check'
import t from 'tap'
import { temporaryName } from '../../lib/remote/temporary-name.js'
import { basename, decodeName, dirname, encodeName, type ByteString } from '../../lib/wire/names/names.js'

const mark = /^(\.?)ftp-vfs-([0-9a-f]{12})-(.*)$/s

/** The part of the target's name in a temporary name. */
function kept(name: ByteString, encoding = 'utf8', dot = true): ByteString {
  const [, , , rest] = mark.exec(basename(temporaryName(`/${name}`, { encoding, dot })))!
  return rest!
}

t.test('it lies in the same folder, and ends with the name of its target', t => {
  for (const [path, form] of [
    ['/f', /^\/\.ftp-vfs-[0-9a-f]{12}-f$/],
    ['/a/b c/report.pdf', /^\/a\/b c\/\.ftp-vfs-[0-9a-f]{12}-report\.pdf$/],
    ['/a/.hidden', /^\/a\/\.ftp-vfs-[0-9a-f]{12}-\.hidden$/],
  ] as const)
    t.match(temporaryName(path, { encoding: 'utf8' }), form)
  t.match(temporaryName('/a/f', { encoding: 'utf8', dot: false }), /^\/a\/ftp-vfs-[0-9a-f]{12}-f$/)
  t.end()
})

t.test('no two are the same', t => {
  const names = Array.from({ length: 100 }, () => temporaryName('/f', { encoding: 'utf8' }))
  t.equal(new Set(names).size, 100)
  t.end()
})

t.test('a name that does not fit is cut between characters', t => {
  const room = 255 - '.ftp-vfs-0123456789ab-'.length
  const a = (length: number): string => 'a'.repeat(length)
  const table: [title: string, encoding: string, name: ByteString, expected: ByteString][] = [
    ['as long as fits', 'utf8', a(room), a(room)],
    ['one byte more', 'utf8', a(room + 1), a(room)],
    ['an end of its own that servers rewrite', 'utf8', `${a(room - 1)} `, `${a(room - 1)} `],
    ['an end by the cut that servers rewrite', 'utf8', `${a(room - 3)} . b`, a(room - 3)],
    ['nothing but dots', 'utf8', '.'.repeat(255), ''],
    ['within two bytes', 'utf8', encodeName(`${a(room - 1)}é`), a(room - 1)],
    ['within four bytes', 'utf8', encodeName(`${a(room - 3)}\u{1f600}`), a(room - 3)],
    [
      'behind four bytes',
      'utf8',
      encodeName(`${a(room - 4)}\u{1f600}x`),
      encodeName(`${a(room - 4)}\u{1f600}`),
    ],
    ['a byte order mark', 'utf8', encodeName(`\ufeff${a(room)}`), encodeName(`\ufeff${a(room - 3)}`)],
    ['in latin1', 'latin1', `${a(room - 1)}\xe9x`, `${a(room - 1)}\xe9`],
    ['within two bytes of gbk', 'gbk', `${a(room - 1)}\xb1\xa8`, a(room - 1)],
    ['within two characters of one code', 'big5hkscs', `${a(room - 1)}\x88\x62`, a(room - 1)],
    ['no text: what is printable', 'utf8', `\xff\x01${a(room)}`, a(room)],
    ['no text, and little of it printable', 'utf8', `x\n${'\xff'.repeat(room)}. `, 'x'],
  ]
  for (const [title, encoding, name, expected] of table) t.equal(kept(name, encoding), expected, title)
  t.equal(kept(a(255), 'utf8', false), a(room + 1), 'without the dot there is room for one byte more')
  t.end()
})

t.test('any name', async () => {
  const byte = fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code))
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom(...'ab .é報\u{1f600}'), fc.constant('表')),
    maxLength: 300,
  })
  const names: Record<string, fc.Arbitrary<ByteString>> = {
    utf8: text.map(name => encodeName(name)),
    shiftjis: fc
      .string({ unit: fc.constantFrom(...'a .日本語表ソポｱ'), maxLength: 300 })
      .map(name => encodeName(name, 'shiftjis')),
    latin1: fc.string({ unit: byte, maxLength: 300 }),
  }
  const bytes = fc.string({ unit: byte, maxLength: 300 })
  for (const [encoding, some] of Object.entries(names)) {
    fc.assert(
      fc.property(fc.oneof(some, bytes), fc.boolean(), (given, dot) => {
        const name = given.replaceAll('/', '_')
        const path = temporaryName(`/folder/${name}`, { encoding, dot })
        const [, point, , rest] = mark.exec(basename(path))!
        const isText = encodeName(decodeName(name, encoding), encoding) === name
        const whole = rest === name
        return (
          dirname(path) === '/folder' &&
          basename(path).length <= 255 &&
          (point === '.') === dot &&
          (whole || name.length > 233) &&
          (whole || !/[ .]$/.test(rest!)) &&
          (whole || !isText || name.startsWith(rest!)) &&
          (whole || encodeName(decodeName(rest!, encoding), encoding) === rest)
        )
      }),
    )
  }
})
