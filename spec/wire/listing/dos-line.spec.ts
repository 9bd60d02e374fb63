import fc from 'fast-check'
import t from 'tap'
import { parseDosLine } from '../../../lib/wire/listing/dos-line.js'
import type { ListedEntry } from '../../../lib/wire/listing/listed-entry.js'

const mtimePrecision = 'minute'
const mtime = Date.UTC(2024, 0, 23, 17, 30)

await t.test('lines of real servers', async t => {
  const lines: [line: string, entry: ListedEntry][] = [
    // IIS
    [
      '01-23-24  05:30PM       <DIR>          name',
      { name: 'name', type: 'directory', mtime, mtimePrecision },
    ],
    [
      '01-23-24  05:30PM                 9276 logo.gif',
      { name: 'logo.gif', type: 'file', size: 9276, mtime, mtimePrecision },
    ],
    [
      '01-23-2024  05:30PM               211649 name with spaces ',
      { name: 'name with spaces ', type: 'file', size: 211649, mtime, mtimePrecision },
    ],
    // Windows CE (PyFilesystem2#438), and other servers with a 24-hour clock
    [
      '01-23-24  17:30       <DIR>          images',
      { name: 'images', type: 'directory', mtime, mtimePrecision },
    ],
    ['2024-01-23 17:30 123 name', { name: 'name', type: 'file', size: 123, mtime, mtimePrecision }],
    ['2024-01-23  17:30    <DIR> name', { name: 'name', type: 'directory', mtime, mtimePrecision }],
    // dir of cmd.exe
    [
      '01/23/2024  05:30 PM         1,234,567 setup.exe',
      { name: 'setup.exe', type: 'file', size: 1234567, mtime, mtimePrecision },
    ],
    ['01/23/2024  05:30 PM    <DIR>          a b', { name: 'a b', type: 'directory', mtime, mtimePrecision }],
    [
      '01/23/2024  05:30 PM    <JUNCTION>     Users [C:\\Documents and Settings]',
      { name: 'Users', type: 'link', target: 'C:\\Documents and Settings', mtime, mtimePrecision },
    ],
    [
      '01/23/2024  05:30 PM    <SYMLINKD>     data [x] [..\\data]',
      { name: 'data [x]', type: 'link', target: '..\\data', mtime, mtimePrecision },
    ],
    [
      '01/23/2024  05:30 PM    <SYMLINK>      latest.log [today.log]',
      { name: 'latest.log', type: 'link', target: 'today.log', mtime, mtimePrecision },
    ],
    ['01-23-24  05:30PM    <JUNCTION>     Users', { name: 'Users', type: 'link', mtime, mtimePrecision }],
  ]
  for (const [line, entry] of lines) t.strictSame(parseDosLine(line), entry, line)
})

await t.test('years and hours', async t => {
  const moments = {
    '12-31-69  11:59PM': '2069-12-31T23:59Z',
    '01-01-70  12:00AM': '1970-01-01T00:00Z',
    '02-29-00  12:00PM': '2000-02-29T12:00Z',
    '06-29-95  03:05pm': '1995-06-29T15:05Z',
    '6-9-95  3:05AM': '1995-06-09T03:05Z',
    '2019/03/04  00:07': '2019-03-04T00:07Z',
    '12-31-23  24:00': '2024-01-01T00:00Z',
  }
  for (const [date, moment] of Object.entries(moments))
    t.equal(parseDosLine(`${date}       <DIR>          x`)?.mtime, Date.parse(moment), date)
})

await t.test('sizes', async t => {
  const sizes = { '0': 0, '5368709120': 5368709120, '1,234': 1234, '12.345.678': 12345678, "1'000": 1000 }
  for (const [text, size] of Object.entries(sizes))
    t.equal(parseDosLine(`01-23-24  05:30PM ${text.padStart(20)} x`)?.size, size, text)
})

await t.test('a name is every byte after its column', async t => {
  // PyFilesystem2#395: AM or PM in a name.
  const names = [
    ' lead',
    'trail ',
    'Clock at AM or PM',
    '12:00AM 5 x',
    '<DIR>          x',
    '[x]',
    'a [b]',
    '\xa0',
    '\xff',
  ]
  for (const name of names) {
    t.equal(parseDosLine(`01-29-20  04:11AM       <DIR>          ${name}`)?.name, name)
    t.equal(parseDosLine(`01-29-20  04:11AM                 9276 ${name}`)?.name, name)
  }
})

await t.test('lines in other formats', async t => {
  const lines = [
    '',
    'here',
    '01-23-24',
    '01-23-24  05:30PM',
    '01-23-24  05:30PM       <DIR>',
    '01-23-24  05:30PM       <DIR>          ',
    '01-23-24  05:30PM       <DIR>name',
    '01-23-24  05:30PM       <MOUNT>        name',
    '01-23-24  05:30PM       DIR            name',
    '01-23-24  05:30PM                 9276',
    '01-23-24  05:30PM                 9276 ',
    '01-23-24  05:30PM                   -1 x',
    '01-23-24  05:30PM                 9,27 x',
    '01-23-24  05:30PM              1,234.567 x',
    '01-23-24  05:30PM   9007199254740993 x',
    '23-01-24  05:30PM       <DIR>          day before month',
    '02-30-24  05:30PM       <DIR>          x',
    '01-23-124  05:30PM       <DIR>          x',
    '101-23-24  05:30PM       <DIR>          x',
    '2024-01-234  05:30PM       <DIR>          x',
    '01-23/24  05:30PM       <DIR>          x',
    '01-23-24  13:30PM       <DIR>          x',
    '01-23-24  00:30AM       <DIR>          x',
    '01-23-24  24:01       <DIR>          x',
    '01-23-24  05:60PM       <DIR>          x',
    ' 01-23-24  05:30PM       <DIR>          x',
    '-rw-r--r--    1 0        0               2 Nov 22 08:08 x',
  ]
  for (const line of lines) t.equal(parseDosLine(line), undefined, JSON.stringify(line))
})

await t.test('every line that IIS can print round-trips', async () => {
  const byte = fc.integer({ min: 1, max: 255 }).filter(code => code !== 10 && code !== 13)
  const name = fc.array(byte, { minLength: 1 }).map(codes => String.fromCharCode(...codes))
  const minutes = fc.integer({ min: Date.UTC(1970, 0) / 60000, max: Date.UTC(2069, 11, 31) / 60000 })
  fc.assert(
    fc.property(name, minutes, fc.maxSafeNat(), fc.boolean(), (name, minutes, size, directory) => {
      const [, year, month, day, hours, minute] = /^..(..)-(..)-(..)T(..):(..)/.exec(
        new Date(minutes * 60000).toISOString(),
      )!
      const hour = String(Number(hours) % 12 || 12).padStart(2, '0')
      const kind = directory ? '      <DIR>         ' : String(size).padStart(20)
      const entry = parseDosLine(
        `${month}-${day}-${year}  ${hour}:${minute}${Number(hours) < 12 ? 'AM' : 'PM'} ${kind} ${name}`,
      )
      return (
        entry?.name === name &&
        entry.mtime === minutes * 60000 &&
        entry.size === (directory ? undefined : size)
      )
    }),
  )
})
