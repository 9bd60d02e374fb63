import fc from 'fast-check'
import t from 'tap'
import type { ListedEntry } from '../../../lib/wire/listing/listed-entry.js'
import { parseUnixLine } from '../../../lib/wire/listing/unix-line.js'

const now = Date.UTC(2026, 10, 22, 8, 30)
const today = { mtime: Date.UTC(2026, 10, 22, 8, 8), mtimePrecision: 'minute' } as const
const day = (...date: [year: number, month: number, day: number]) =>
  ({ mtime: Date.UTC(...date), mtimePrecision: 'day' }) as const
const parse = (line: string) => parseUnixLine(line, now)

await t.test('lines of real servers', async t => {
  const lines: [line: string, entry: ListedEntry][] = [
    // vsftpd 3.0.3
    [
      '-rw-r--r--    1 1000     1001     5368709120 Nov 22 08:08 big',
      { name: 'big', type: 'file', size: 5368709120, ...today, mode: 0o644, nlink: 1, uid: 1000, gid: 1001 },
    ],
    [
      'drwxrwxrwt    2 0        0            4096 Nov 22 08:08 sticky',
      { name: 'sticky', type: 'directory', size: 4096, ...today, mode: 0o1777, nlink: 2, uid: 0, gid: 0 },
    ],
    [
      '-rw-r--r--    1 0        0               1 Feb 29  2024 leap',
      { name: 'leap', type: 'file', size: 1, ...day(2024, 1, 29), mode: 0o644, nlink: 1, uid: 0, gid: 0 },
    ],
    [
      '-rw-r--r--    1 0        0               1 Jan 01  2100 far',
      { name: 'far', type: 'file', size: 1, ...day(2100, 0, 1), mode: 0o644, nlink: 1, uid: 0, gid: 0 },
    ],
    [
      'lrwxrwxrwx    1 0        0               8 Nov 22 08:08 dangling -> /nowhere',
      {
        name: 'dangling',
        type: 'link',
        size: 8,
        ...today,
        mode: 0o777,
        nlink: 1,
        uid: 0,
        gid: 0,
        target: '/nowhere',
      },
    ],
    [
      'crw-r--r--    1 0        0               0 Nov 22 08:08 chr',
      { name: 'chr', type: 'other', size: 0, ...today, mode: 0o644, nlink: 1, uid: 0, gid: 0 },
    ],
    // ProFTPD 1.3.8
    [
      'drwxr-sr-x   2 ftpuser  ftpuser      4096 Nov 22 08:08 setgid',
      { name: 'setgid', type: 'directory', size: 4096, ...today, mode: 0o2755, nlink: 2 },
    ],
    [
      '-rw-r--r--   1 ftpuser  ftpuser         1 Mar  4  2019 old',
      { name: 'old', type: 'file', size: 1, ...day(2019, 2, 4), mode: 0o644, nlink: 1 },
    ],
    [
      '-rw-r--r--   1 ftpuser  ftpuser         2 Nov 22 08:08 /a  b',
      { name: '/a  b', type: 'file', size: 2, ...today, mode: 0o644, nlink: 1 },
    ],
    // Pure-FTPd 1.0.50
    [
      '-rwsr-xr-x    1 1001       ftpuser             1 Nov 22 08:08 suid',
      { name: 'suid', type: 'file', size: 1, ...today, mode: 0o4755, nlink: 1, uid: 1001 },
    ],
    // pyftpdlib 1.5.7
    [
      'srwxr-xr-x   1 ftpuser  ftpuser         0 Nov 22 08:08 sock',
      { name: 'sock', type: 'other', size: 0, ...today, mode: 0o755, nlink: 1 },
    ],
    [
      'prw-r--r--   1 ftpuser  ftpuser         0 Nov 22 08:08 fifo',
      { name: 'fifo', type: 'other', size: 0, ...today, mode: 0o644, nlink: 1 },
    ],
    // ftp-srv 4.6.3
    [
      '-rw-r--r-- 1 1 1            3 Nov 22 08:08 a',
      { name: 'a', type: 'file', size: 3, ...today, mode: 0o644, nlink: 1, uid: 1, gid: 1 },
    ],
    // FileZilla Server 1.x
    [
      'drwxr-xr-x 1 ftp ftp               0 Nov 22 08:08 My Folder',
      { name: 'My Folder', type: 'directory', size: 0, ...today, mode: 0o755, nlink: 1 },
    ],
    // Serv-U
    [
      '-rw-rw-rw-   1 user     group        1234 Nov 22 08:08 a.txt',
      { name: 'a.txt', type: 'file', size: 1234, ...today, mode: 0o666, nlink: 1 },
    ],
    // GNU ls, with SELinux and with an access control list
    [
      'drwxrws---+  2 1000 Domain Users 4096 2026-11-22 08:08 shared',
      { name: 'shared', type: 'directory', size: 4096, ...today, mode: 0o2770, nlink: 2 },
    ],
    [
      '-rwsr-x--x.  1 0    1000         4096 Nov 22 08:08  su do ',
      { name: ' su do ', type: 'file', size: 4096, ...today, mode: 0o4751, nlink: 1, uid: 0, gid: 1000 },
    ],
    // ls of macOS, with extended attributes
    [
      'lrwxr-xr-x@  1 501  20              11 Nov 22 08:08 my link -> other place',
      {
        name: 'my link',
        type: 'link',
        size: 11,
        ...today,
        mode: 0o755,
        nlink: 1,
        uid: 501,
        gid: 20,
        target: 'other place',
      },
    ],
    // IIS in its Unix style
    [
      '----------   1 owner    group         1803128 Jul 10 10:18 ls-lR.Z',
      {
        name: 'ls-lR.Z',
        type: 'file',
        size: 1803128,
        mtime: Date.UTC(2026, 6, 10, 10, 18),
        mtimePrecision: 'minute',
        mode: 0,
        nlink: 1,
      },
    ],
  ]
  for (const [line, entry] of lines) t.strictSame(parse(line), entry, line)
})

await t.test('missing and additional columns', async t => {
  const lines: [line: string, entry: Partial<ListedEntry>][] = [
    ['dr-xr-xr-x   2 root                  512 Apr  8  1994 etc', { size: 512, nlink: 2 }],
    ['-rw-r--r--   1 1001                  512 Apr  8  1994 etc', { size: 512, nlink: 1, uid: 1001 }],
    ['-rw-r--r--   1                       512 Apr  8  1994 etc', { size: 512, nlink: 1 }],
    ['-rw-r--r--   root  1001              512 Apr  8  1994 etc', { size: 512, gid: 1001 }],
    ['-rw-r--r--   root                    512 Apr  8  1994 etc', { size: 512 }],
    ['-rw-r--r--                           512 Apr  8  1994 etc', { size: 512 }],
    ['drwxrwxr-x               folder        2 Apr  8  1994 etc', { size: 2 }],
    ['-rw-r--r--   1 1001 Domain Users     512 Apr  8  1994 etc', { size: 512, nlink: 1 }],
    ['-rw-r--r--   1 John Doe Domain Users 512 Apr  8  1994 etc', { size: 512, nlink: 1 }],
    ['-rw-r--r--   1 DOM\\joe$ (?)         512 Apr  8  1994 etc', { size: 512, nlink: 1 }],
    ['-rw-r--r--   1 -2       4294967294   512 Apr  8  1994 etc', { size: 512, nlink: 1, gid: 4294967294 }],
    ['brw-rw----   1 0        6         8,   1 Apr  8  1994 etc', { nlink: 1, uid: 0, gid: 6 }],
    ['brw-rw----   1 0        6          8,513 Apr  8  1994 etc', { nlink: 1, uid: 0, gid: 6 }],
    ['crw-rw----   1 0                  8,   1 Apr  8  1994 etc', { nlink: 1, uid: 0 }],
  ]
  for (const [line, { size, nlink, uid, gid }] of lines) {
    const entry = parse(line)
    t.equal(entry?.name, 'etc', line)
    t.equal(entry?.mtime, Date.UTC(1994, 3, 8), line)
    t.strictSame(
      { size: entry?.size, nlink: entry?.nlink, uid: entry?.uid, gid: entry?.gid },
      { size, nlink, uid, gid },
      line,
    )
  }
})

await t.test('permissions', async t => {
  const modes = {
    '-rw-r--r--': 0o644,
    '-rwxrwxrwx': 0o777,
    '-rwSr-Sr--': 0o6644,
    '-rwsr-sr-x': 0o6755,
    drwxrwxrwT: 0o1776,
    'drwxrws--t': 0o3771,
    '-rw-r-lr--': 0o2644,
    'drwxr-xr-x+': 0o755,
    '-rw-r--r--@': 0o644,
    '-rw-r--r--.': 0o644,
  }
  for (const [letters, mode] of Object.entries(modes))
    t.equal(parse(`${letters} 1 0 0 1 Nov 22 08:08 x`)?.mode, mode, letters)
})

await t.test('dates', async t => {
  const dates: Record<string, [iso: string, precision: ListedEntry['mtimePrecision']]> = {
    'Nov 22 08:08': ['2026-11-22T08:08Z', 'minute'],
    'nov  2  8:08': ['2026-11-02T08:08Z', 'minute'],
    'NOV 22 08:08:09': ['2026-11-22T08:08:09Z', 'second'],
    'Nov 22  2025': ['2025-11-22T00:00Z', 'day'],
    'Nov 21 24:00': ['2026-11-22T00:00Z', 'minute'],
    'Nov 22  1953': ['1953-11-22T00:00Z', 'day'],
    '22 Nov 08:08': ['2026-11-22T08:08Z', 'minute'],
    '22 Nov  2025': ['2025-11-22T00:00Z', 'day'],
    '2025-01-31 23:59': ['2025-01-31T23:59Z', 'minute'],
    '2025-01-31 23:59:58': ['2025-01-31T23:59:58Z', 'second'],
  }
  for (const [text, [iso, precision]] of Object.entries(dates)) {
    const entry = parse(`-rw-r--r-- 1 0 0 1 ${text} a b`)
    t.equal(entry?.name, 'a b', text)
    t.equal(entry?.mtime, Date.parse(iso), text)
    t.equal(entry?.mtimePrecision, precision, text)
  }
})

await t.test('a date without a year is at most one day in the future (flysystem#1161)', async t => {
  const mtime = (date: string, iso: string) => {
    const found = parseUnixLine(`-rw-r--r-- 1 0 0 1 ${date} x`, Date.parse(iso))?.mtime
    return found === undefined ? undefined : new Date(found).toISOString().slice(0, 16)
  }
  t.equal(mtime('Nov 22 08:30', '2026-11-22T08:30Z'), '2026-11-22T08:30', 'now')
  t.equal(mtime('Nov 23 08:30', '2026-11-22T08:30Z'), '2026-11-23T08:30', 'a server east of us, or ahead')
  t.equal(mtime('Nov 22 22:30', '2026-11-22T08:30Z'), '2026-11-22T22:30', 'just written at +14:00')
  t.equal(mtime('Jan  1 13:59', '2026-12-31T23:59Z'), '2027-01-01T13:59', 'and over the end of the year')
  t.equal(mtime('Dec 31 12:01', '2027-01-01T00:01Z'), '2026-12-31T12:01', 'just written at -12:00')
  t.equal(mtime('Nov 23 08:31', '2026-11-22T08:30Z'), '2025-11-23T08:31', 'more than a day ahead: last year')
  t.equal(mtime('Dec 31 23:59', '2026-01-01T00:00Z'), '2025-12-31T23:59', 'yesterday, seen in January')
  t.equal(mtime('Jan  1 00:10', '2026-12-31T23:50Z'), '2027-01-01T00:10', 'tomorrow, seen in December')
  t.equal(mtime('Feb 29 12:00', '2024-03-01T00:00Z'), '2024-02-29T12:00', 'a leap day this year')
  t.equal(mtime('Feb 29 12:00', '2024-02-28T11:00Z'), '2020-02-29T12:00', 'a leap day too far ahead')
  t.equal(mtime('Feb 29 12:00', '2026-11-22T08:30Z'), '2024-02-29T12:00', 'the latest leap day')
  t.equal(
    mtime('Feb 29 12:00', '2103-06-01T00:00Z'),
    '2096-02-29T12:00',
    'across a century year without a leap day',
  )
})

await t.test('a name is every byte after the single space that follows the date', async t => {
  const names = [
    'my file.pdf', // fsspec#1970
    ' ',
    ' lead',
    'trail ',
    'a  b',
    '[x]',
    '-rw-r--r-- 1 u g 3 Jan 1 00:00 fake',
    'total 12',
    'n -> t',
    'tab\there',
    '\xc3\xbcn\xc3\xaf',
    '\xff\xfe',
    'Jan 5 10:00',
    '2019 Jan 5 10:00 x',
  ]
  const fronts = [
    '-rw-r--r--    1 0        0               2 Nov 22 08:08',
    '-rw-r--r--   1 ftpuser  ftpuser         1 Mar  4  2019',
    '-rw-r--r--   1 root                     1 Mar  4  2019',
    '-rw-r--r--   1 root      1 22 Nov 08:08',
    '-rw-r--r--   root        1 Nov 22 08:08',
    'crw-r--r--   1 0 0    1, 3 Nov 22 08:08',
  ]
  for (const name of names)
    for (const front of fronts)
      t.equal(parse(`${front} ${name}`)?.name, name, JSON.stringify(`${front} ${name}`))
})

await t.test('owner and group may look like a date', async t => {
  const entry = parse('-rw-r--r-- 1 jan 5 2019 Nov 22 08:08 x')
  t.match(entry, { name: 'x', size: 2019, gid: 5 })
  t.match(parse('-rw-r--r-- 1 may jun 7 Nov 22 08:08 x'), { name: 'x', size: 7 })
  t.match(parse('-rw-r--r-- 1 2019-01-05 10:00 7 Nov 22 08:08 x'), { name: 'x', size: 7 })
})

await t.test('a link is split where its target has the listed size', async t => {
  const split = (size: number, text: string) => {
    const entry = parse(`lrwxrwxrwx 1 0 0 ${size} Nov 22 08:08 ${text}`)
    return [entry?.name, entry?.target]
  }
  // As vsftpd, ProFTPD, Pure-FTPd and pyftpdlib list them.
  t.strictSame(split(5, 'link -> plain'), ['link', 'plain'])
  t.strictSame(split(6, 'l -> k -> n -> t'), ['l -> k', 'n -> t'])
  t.strictSame(split(1, ' ->  ->  '), [' -> ', ' '])
  t.strictSame(split(0, 'a -> b -> c'), ['a', 'b -> c'], 'the size does not help: at the first arrow')
  t.strictSame(split(99, 'a -> b -> c'), ['a', 'b -> c'], 'the size does not fit: at the first arrow')
  t.strictSame(split(4, 'name'), ['name', undefined], 'a server that does not show the target')
  t.strictSame(split(0, ' -> b'), [' -> b', undefined], 'no name is empty')
  t.equal(parse('-rw-r--r-- 1 0 0 1 Nov 22 08:08 a -> b')?.target, undefined, 'only a link has a target')
})

await t.test('lines in other formats', async t => {
  const lines = [
    '',
    ' ',
    'here',
    'total 12',
    'ls: cannot open directory',
    '-',
    '-rw-r--r--',
    '-rw-r--r--    1 0        0               2 Nov 22 08:08',
    '-rw-r--r--    1 0        0               2 Nov 22 08:08 ',
    ' -rw-r--r--    1 0        0               2 Nov 22 08:08 x',
    '-rw-r--r--    1 0        0               2 Nov 31 08:08 x',
    '-rw-r--r--    1 0        0               2 Feb 29  2023 x',
    '-rw-r--r--    1 0        0               2 Nov 22 24:01 x',
    '-rw-r--r--    1 0        0               2 Nov 22 08:60 x',
    '-rw-r--r--    1 0        0               2 Nov 22 12345 x',
    '-rw-r--r--    1 0        0               2 Ene 22 08:08 x',
    '-rw-r--r--    1 0        0               2 2019-03-04 05:06:07.000000000 +0000 x',
    '-rw-r--r--    1 0        0               2 2019-02-30 05:06 x',
    '-rw-r--r--    1 0        0               2 2019-02-03 x',
    '-rw-r--r--    1 0        0              -2 Nov 22 08:08 x',
    '-rw-r--r--    1 0        0              2k Nov 22 08:08 x',
    '-rw-r--r--    1 0        0             1,2 Nov 22 08:08 x',
    '-rw-r--r--    1 0        0                 Nov 22 08:08',
    '-rw-r--r-     1 0        0               2 Nov 22 08:08 x',
    '-rw-r--r--*   1 0        0               2 Nov 22 08:08 x',
    '-wr-r--r--    1 0        0               2 Nov 22 08:08 x',
    '-rw-r--r-s    1 0        0               2 Nov 22 08:08 x',
    '-rtsr--r--    1 0        0               2 Nov 22 08:08 x',
    'xrw-r--r--    1 0        0               2 Nov 22 08:08 x',
    'd [R----F--] supervisor            512       Jan 16 18:53    login',
    '01-23-24  05:30PM       <DIR>          name',
    'type=file;size=3; x',
  ]
  for (const line of lines) t.equal(parse(line), undefined, JSON.stringify(line))
})

await t.test('every line round-trips', async () => {
  const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
  const byte = fc.integer({ min: 1, max: 255 }).filter(code => code !== 10 && code !== 13)
  const text = fc.oneof(
    fc.array(byte, { minLength: 1 }).map(codes => String.fromCharCode(...codes)),
    fc
      .array(fc.constantFrom(' ', ' -> ', 'Jan 5 10:00', '2019', '7', 'x'), { minLength: 1 })
      .map(parts => parts.join('')),
  )
  const owner = fc.constantFrom(
    'root',
    '0',
    '65534',
    'jan',
    'Nov',
    '5',
    '2019',
    '10:00',
    'a.b-c_d$',
    '2019-01-05',
  )
  const entries = fc.record({
    name: text,
    target: text,
    owner,
    group: owner,
    size: fc.maxSafeNat(),
    link: fc.boolean(),
    old: fc.boolean(),
    mtime: fc
      .integer({ min: (now - 180 * 86400000) / 60000, max: now / 60000 })
      .map(minutes => minutes * 60000),
  })
  fc.assert(
    fc.property(entries, ({ name, target, owner, group, size, link, old, mtime }) => {
      const at = new Date(mtime)
      const clock = at.toISOString().slice(11, 16)
      const listed = link ? target.length : size
      const line =
        `${link ? 'lrwxrwxrwx' : '-rw-r--r--'}   1 ${owner.padEnd(8)} ${group.padEnd(8)} ${String(listed).padStart(8)} ` +
        `${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${old ? ` ${at.getUTCFullYear()}` : clock} ` +
        (link ? `${name} -> ${target}` : name)
      const entry = parse(line)
      return (
        entry?.name === name &&
        entry.size === listed &&
        entry.target === (link ? target : undefined) &&
        entry.mtime === (old ? mtime - (mtime % 86400000) : mtime)
      )
    }),
    { numRuns: 500 },
  )
})
