import iconv from 'iconv-lite'
import t from 'tap'
import { parseLooseUnixLine } from '../../../lib/wire/listing/loose-unix-line.js'

const now = Date.UTC(2026, 10, 22, 8, 30)
const parse = (line: string) => parseLooseUnixLine(line, now)
const moment = (mtime: number | undefined) =>
  mtime === undefined ? undefined : new Date(mtime).toISOString().slice(0, 19)

await t.test('dates in other languages, orders and separators', async t => {
  const dates: Record<string, string | undefined> = {
    '26. Juli, 20:10': '2026-07-26T20:10:00',
    'szept 26 20:10': '2026-09-26T20:10:00',
    '2.   Okt.  2003': '2003-10-02T00:00:00',
    'Ene 22 08:08': '2026-01-22T08:08:00',
    '3 29 03:26': '2026-03-29T03:26:00',
    '29 3 03:26': '2026-03-29T03:26:00',
    '09-26 2000': '2000-09-26T00:00:00',
    '09-26 13:45': '2026-09-26T13:45:00',
    '1999/10/12 17:12': '1999-10-12T17:12:00',
    '24-04-2003 17:12': '2003-04-24T17:12:00',
    '2004.07.15  ': '2004-07-15T00:00:00',
    '05.03.2004 7:12': '2004-03-05T07:12:00',
    '05-Jan-2024 10:00': '2024-01-05T10:00:00',
    '2019-03-04 05:06:07.000000000 +0000': '2019-03-04T05:06:07',
    'Nov  2  1953': '1953-11-02T00:00:00',
    // An invalid or ambiguous date gives no time.
    'lip 12  2003': undefined,
    'Xyz 22 08:08': undefined,
    'Nov 31 08:08': undefined,
    'Feb 29  2023': undefined,
    'Nov 22 08:60': undefined,
    'Nov 22 12345': undefined,
    'Dec 02  209': undefined,
    '2019-02-30 05:06': undefined,
    '03-04-2003 17:12': undefined,
  }
  for (const [text, iso] of Object.entries(dates)) {
    const entry = parse(`-rw-r--r--   1 root     other        531 ${text} a  b`)
    t.match(entry, { name: 'a  b', size: 531, mode: 0o644, nlink: 1 }, text)
    t.equal(moment(entry?.mtime), iso, text)
  }
})

await t.test('months in any encoding', async t => {
  const dates: [text: string, encodings: string[], iso: string][] = [
    ['11月 30 08:08', ['utf8', 'gbk', 'big5', 'shift_jis', 'euc-jp'], '2025-11-30T08:08:00'],
    [' 4月 18日 2003年', ['utf8', 'gbk', 'big5', 'shift_jis', 'euc-jp'], '2003-04-18T00:00:00'],
    ['10월 5 2003', ['utf8', 'euc-kr'], '2003-10-05T00:00:00'],
    ['März  5 08:08', ['utf8', 'latin1', 'cp850'], '2026-03-05T08:08:00'],
    ['5 янв 08:08', ['utf8', 'windows-1251', 'koi8-r', 'cp866'], '2026-01-05T08:08:00'],
    ['déc. 5 2003', ['utf8', 'latin1'], '2003-12-05T00:00:00'],
  ]
  for (const [text, encodings, iso] of dates) {
    for (const encoding of encodings) {
      const date = iconv.encode(text, encoding).toString('latin1')
      const entry = parse(`-rw-r--r--   1 root     other        531 ${date} a  b`)
      t.equal(entry?.name, 'a  b', `${text}, ${encoding}`)
      t.equal(moment(entry?.mtime), iso, `${text}, ${encoding}`)
    }
  }
})

await t.test('a size that is not in bytes is omitted', async t => {
  for (const size of ['33.5k', '2k', '1,2', '-2', '18446744073709551615', '4K', '1.5MB', '3MiB']) {
    const entry = parse(`-rw-r--r--   1 root  other ${size} Nov 22 08:08 a b`)
    t.match(entry, { name: 'a b', mtime: Date.UTC(2026, 10, 22, 8, 8) }, size)
    t.equal(entry?.size, undefined, size)
  }
})

await t.test('permissions', async t => {
  const kinds: Record<string, object> = {
    'rw-r--r--': { type: 'other', typeUnknown: true, mode: 0o644 },
    'rwxr-xr-x+': { type: 'other', typeUnknown: true, mode: 0o755 },
    '---------': { type: 'other', typeUnknown: true, mode: 0 },
    '-rw-r--r-': { type: 'file' },
    'drwxr-xr-': { type: 'directory' },
    '-rw-r--r--*': { type: 'file' },
    '-wr-r--r--': { type: 'file' },
    'drwxr-xr-t': { type: 'directory', mode: 0o1755 },
    'xrw-r--r--': { type: 'other', typeUnknown: true, mode: 0o644 },
  }
  const rest = { name: 'a b', size: 5, nlink: 1, uid: 0, gid: 0 }
  const date = { mtime: Date.UTC(2026, 10, 22, 8, 8), mtimePrecision: 'minute' }
  for (const [permissions, kind] of Object.entries(kinds))
    t.strictSame(parse(`${permissions} 1 0 0 5 Nov 22 08:08 a b`), { ...rest, ...date, ...kind }, permissions)
})

await t.test('a possible link is split if its target cannot be part of a name', async t => {
  const line = 'Zrwxrwxrwx   1 root     other          7 Jan 25 00:17'
  t.match(parse(`${line} bin -> usr/bin`), { name: 'bin', target: 'usr/bin', typeUnknown: true })
  t.match(parse(`${line} bin -> usr.bin`), { name: 'bin -> usr.bin' })
  t.match(parse(`${line} bin -> usr/lib/x`), { name: 'bin -> usr/lib/x' })
  t.match(parse('lrwxrwxrwx 1 root other 2k Jan 25 00:17 bin -> usr'), { name: 'bin', target: 'usr' })
})

await t.test('lines in other formats', async t => {
  const lines = [
    '',
    'here',
    '000000000x ',
    '-rw-r--r--    1 0        0               2 Nov 22 08:08',
    '-rw-r--r--    1 0        0               2 Nov 22 08:08 ',
    '-rw-r--r--    1 0        0               2 Nov 22 a b',
    '-rw-r--r--    1 0        0                 Nov 22 08:08',
    '-rw-r--r--    1 0        0               x Nov 22 08:08 x',
    'westwards    1 0        0               2 Nov 22 08:08 x',
    '01-23-24  05:30PM       <DIR>          name',
  ]
  for (const line of lines) t.equal(parse(line), undefined, JSON.stringify(line))
})
