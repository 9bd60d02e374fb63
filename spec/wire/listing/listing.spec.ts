import fc from 'fast-check'
import t from 'tap'
import type { ListedEntry, ListingFormat } from '../../../lib/wire/listing/listing.js'
import {
  ListingError,
  ListingParser,
  MAX_LINE,
  parseStatReplyLines,
} from '../../../lib/wire/listing/listing.js'

const now = Date.UTC(2026, 10, 22, 8, 30)

function parse(format: ListingFormat, text: string, cuts: number[] = []): ListedEntry[] {
  const bytes = Buffer.from(text, 'latin1')
  const parser = new ListingParser(format, { now })
  const borders = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const entries = borders.slice(1).flatMap((end, index) => parser.push(bytes.subarray(borders[index], end)))
  return [...entries, ...parser.end()]
}

const names = (format: ListingFormat, text: string) => parse(format, text).map(entry => entry.name)
const file = (name: string) => `-rw-r--r--    1 0        0               2 Nov 22 08:08 ${name}`

const lists = {
  mlsd: [
    'type=cdir;sizd=4096;modify=20261122080822;UNIX.mode=0755;unique=fe00g21227c; .',
    'type=pdir;sizd=4096;modify=20261122080822;UNIX.mode=0755;unique=fe00g21227c; ..',
    'type=file;size=2;modify=20261122080822;UNIX.mode=0644;unique=fe00g212280; a  b',
    'type=OS.unix=slink:;size=5;modify=20261122080822;UNIX.mode=0777;unique=fe00g212284; a link with a long name',
    'type=dir;sizd=4096;modify=20261122080822;UNIX.mode=02755;unique=fe00g21228a; setgid',
    '',
  ].join('\r\n'),
  list: [
    'total 12',
    'drwxr-xr-x    5 0        0            4096 Nov 22 08:08 .',
    'drwxr-xr-x    5 0        0            4096 Nov 22 08:08 ..',
    'drwxr-sr-x    2 0        0            4096 Nov 22 08:08 setgid',
    'lrwxrwxrwx    1 0        0               8 Nov 22 08:08 a link with a long name -> /nowhere',
    '01-23-24  05:30PM       <DIR>          a directory of Windows',
    '',
  ].join('\r\n'),
}

await t.test('MLSD', async t => {
  const mtime = { mtime: Date.UTC(2026, 10, 22, 8, 8, 22), mtimePrecision: 'second' } as const
  t.strictSame(parse('mlsd', lists.mlsd), [
    { name: 'a  b', type: 'file', size: 2, ...mtime, mode: 0o644, unique: 'fe00g212280' },
    { name: 'a link with a long name', type: 'link', size: 5, ...mtime, mode: 0o777, unique: 'fe00g212284' },
    { name: 'setgid', type: 'directory', size: 4096, ...mtime, mode: 0o2755, unique: 'fe00g21228a' },
  ])
})

await t.test('LIST, Unix or DOS line by line', async t => {
  const mtime = { mtime: Date.UTC(2026, 10, 22, 8, 8), mtimePrecision: 'minute' } as const
  const owner = { uid: 0, gid: 0 }
  t.strictSame(parse('list', lists.list), [
    // PyFilesystem2#451: folders with setgid vanished.
    { name: 'setgid', type: 'directory', size: 4096, ...mtime, mode: 0o2755, nlink: 2, ...owner },
    {
      name: 'a link with a long name',
      type: 'link',
      size: 8,
      ...mtime,
      mode: 0o777,
      nlink: 1,
      ...owner,
      target: '/nowhere',
    },
    // PyFilesystem2#230
    {
      name: 'a directory of Windows',
      type: 'directory',
      mtime: Date.UTC(2024, 0, 23, 17, 30),
      mtimePrecision: 'minute',
    },
  ])
})

await t.test('an empty listing has no entries', async t => {
  // ftp-srv sends an empty line for an empty directory.
  for (const text of ['', '\r\n', '\n\n'])
    for (const format of ['mlsd', 'list'] as const) t.same(names(format, text), [])
  t.same(names('list', 'total 0\r\n'), [])
})

await t.test('lines end in CRLF or LF, the last one optionally in nothing', async t => {
  t.same(names('list', `${file('a')}\r\n${file('b')}\n${file('c ')}`), ['a', 'b', 'c '])
  t.same(names('list', `${file('a')}\r`), ['a'])
  t.same(names('mlsd', 'type=dir; a\ntype=dir; b\r\ntype=dir; c'), ['a', 'b', 'c'])
})

await t.test('"total" is skipped as the first line, and is a name elsewhere (fsspec#1489)', async t => {
  t.same(names('list', `total 123\r\n${file('total 12')}\r\n`), ['total 12'])
  t.same(names('list', `\r\ntotal 123\r\n${file('x')}\r\n`), ['x'])
  t.throws(() => names('list', `${file('x')}\r\ntotal 123\r\n`), {
    code: 'ERR_FTP_LISTING',
    line: 'total 123',
  })
  t.throws(() => names('mlsd', 'total 123\r\n'), ListingError)
})

await t.test('"." and ".." are skipped, whatever their type (fsspec#135)', async t => {
  t.same(names('mlsd', 'type=dir; .\r\ntype=dir; ..\r\ntype=file;size=0; ...\r\ntype=cdir; /home/u\r\n'), [
    '...',
  ])
  t.same(
    names('list', '01-23-24  05:30PM       <DIR>          .\r\n01-23-24  05:30PM       <DIR>          ..'),
    [],
  )
})

await t.test('a name that is not a single path element is an error', async t => {
  for (const name of ['/etc/passwd', '../x', 'a/b', 'x/', 'a\rb', 'x\r', 'a\0b']) {
    for (const [format, line] of [
      ['mlsd', `type=file;size=1; ${name}`],
      ['list', file(name)],
      ['list', `01-23-24  05:30PM                 9276 ${name}`],
    ] as const)
      t.throws(
        () => names(format, `${line}\r\n`),
        { name: 'ListingError', code: 'ERR_FTP_LISTING', line },
        JSON.stringify(line),
      )
  }
})

await t.test('a line in another format is an error, never a missing entry', async t => {
  const broken: [format: ListingFormat, text: string, line: string][] = [
    ['list', `${file('nl')}\nhere\r\n`, 'here'],
    ['mlsd', 'type=file;size=2; nl\nhere\r\n', 'here'],
    [
      'list',
      `${file('a')}\r\n-rw-r--r--    1 0        0               2 No`,
      '-rw-r--r--    1 0        0               2 No',
    ],
    [
      'list',
      'ls: cannot open directory .: Permission denied\r\n',
      'ls: cannot open directory .: Permission denied',
    ],
    ['list', ' \r\n', ' '],
    ['list', '12345\r\n', '12345'],
    ['mlsd', `${file('a')}\r\n`, file('a')],
    ['list', 'type=file;size=2; a\r\n', 'type=file;size=2; a'],
  ]
  for (const [format, text, line] of broken) {
    t.throws(() => parse(format, text), { code: 'ERR_FTP_LISTING', line }, JSON.stringify(line))
  }
})

await t.test('a notice before the entries is skipped, in any language', async t => {
  for (const notice of ['total 12', 'insgesamt 120', 'gesamt 12K', 'itogo 3', '\xe5\x90\x88\xe8\xa8\x88 8'])
    t.same(names('list', `${notice}\r\n${file('x')}\r\n`), ['x'], notice)
  t.throws(
    () => names('list', 'insgesamt 120\r\n'),
    { code: 'ERR_FTP_LISTING', line: 'insgesamt 120' },
    'alone, it may be a name',
  )
  t.throws(() => names('list', `${file('x')}\r\ninsgesamt 120\r\n`), {
    code: 'ERR_FTP_LISTING',
    line: 'insgesamt 120',
  })
  t.throws(() => names('list', 'file 1\r\nfile 2\r\n'), { code: 'ERR_FTP_LISTING', line: 'file 2' })
  const ofDos = [
    ' Volume in drive C is System',
    ' Volume Serial Number is 1234-5678',
    '',
    ' Directory of C:\\pub',
    '',
    '01/23/2024  05:30 PM             1,234 x',
    '               1 File(s)          1,234 bytes',
    '               2 Dir(s)  12,345,678,901 bytes free',
  ]
  t.same(names('list', ofDos.join('\r\n')), ['x'])
})

await t.test('a line that reports a failed listing is an error of its own', async t => {
  for (const line of [
    'ls: cannot open directory .: Permission denied',
    './private: Permission denied',
    'Access is denied.',
    '%DIRECT-E-OPENIN, error opening, insufficient privilege',
  ]) {
    const skipped: string[] = []
    const parser = new ListingParser('list', { onSkip: error => skipped.push(error.line) })
    t.throws(() => parser.push(Buffer.from(`${line}\r\n`)), { code: 'ERR_FTP_LISTING', refused: true, line })
    t.same(skipped, [])
  }
  t.throws(() => names('list', 'here\r\n'), { code: 'ERR_FTP_LISTING', refused: false })
})

await t.test('with onSkip, lines without a name are left out', async t => {
  for (const [format, text, left] of [
    ['list', `${file('a')}\r\nhere\r\n${file('b')}\r\n${file('c/d')}\r\n`, ['here', file('c/d')]],
    ['mlsd', 'type=dir; a\r\nhere\r\ntype=dir; b\r\ntype=dir; c\0d\r\n', ['here', 'type=dir; c\0d']],
  ] as const) {
    const skipped: string[] = []
    const parser = new ListingParser(format, { onSkip: error => skipped.push(error.line) })
    const entries = [...parser.push(Buffer.from(text)), ...parser.end()]
    t.same(
      entries.map(({ name }) => name),
      ['a', 'b'],
    )
    t.same(skipped, left)
  }
})

await t.test('names with the path of their folder, and no other path', async t => {
  const read = (path: string) => {
    const parser = new ListingParser('list', { folders: ['/srv/pub', 'srv/pub'] })
    return parser.push(Buffer.from(`${file(path)}\r\n`)).map(({ name }) => name)
  }
  for (const path of ['/srv/pub/a b', 'srv/pub/a b', './a b']) t.same(read(path), ['a b'], path)
  t.same(read('/srv/pub/.'), [])
  for (const path of ['pub/a', '/pub/a', '/srv/a', '/srv/pub/', '/srv/pub/a/b', '/srv/pub/../a', '../a'])
    t.throws(() => read(path), { code: 'ERR_FTP_LISTING', line: file(path) }, path)
})

await t.test('all lines end in CR CR LF on an unknown server', async t => {
  const read = (text: string, exact = false) => {
    const parser = new ListingParser('list', { exact })
    return [...parser.push(Buffer.from(text)), ...parser.end()].map(({ name }) => name)
  }
  t.same(read(`total 2\r\r\n${file('a')}\r\r\n${file('b')}\r\r\n`), ['a', 'b'])
  t.throws(
    () => read(`${file('a')}\r\n${file('b')}\r\r\n`),
    { code: 'ERR_FTP_LISTING', line: `${file('b')}\r` },
    'a name',
  )
  t.throws(
    () => read(`${file('a')}\r\r\n`, true),
    { code: 'ERR_FTP_LISTING', line: `${file('a')}\r` },
    'not on a known server',
  )
})

await t.test('an unknown server pads names to one column', async t => {
  const read = (lines: string[], exact = false) => {
    const parser = new ListingParser('list', { exact })
    const given = lines.map(line => parser.push(Buffer.from(`${line}\r\n`)).length)
    return { names: parser.end().map(({ name }) => name), given }
  }
  const padded = ['.', 'long name', 'a', 'a b'].map(name => file(name.padEnd(9)))
  t.same(read(padded).names, ['long name', 'a', 'a b'])
  const { given } = read([...padded, file('another one ')])
  t.same(given, [0, 0, 0, 0, 5], 'not every line ends in that column')
  t.same(read(padded, true), { given: [1, 1, 1, 1], names: [] }, 'never on a known server')
  t.same(read([file('a '), file('b ')]).names, ['a ', 'b '], 'nothing shows that the spaces are padding')
  t.same(read([file('ab'), file('a ')]), { given: [1, 0], names: ['a'] })
})

await t.test('an error quotes the line as text, and what was expected', async t => {
  t.throws(() => parse('list', 'gr\xc3\xbcn "1"\r\n'), {
    message: 'Cannot use this line of the listing: "grün \\"1\\""; expected a line of a listing, with a name',
    line: 'gr\u00fcn "1"',
  })
})

await t.test('a line without an end does not fill the memory', async t => {
  const longest = file('x'.repeat(MAX_LINE - file('').length))
  t.equal(parse('list', `${longest}\r\n`).length, 1)
  t.equal(parse('list', longest).length, 1)
  t.throws(() => parse('list', `${longest}x\r\n`), { code: 'ERR_FTP_LISTING' }, 'one byte too long')
  t.throws(() => parse('list', `${longest}x`), { code: 'ERR_FTP_LISTING' }, 'even without a line end')

  const parser = new ListingParser('mlsd')
  const chunk = Buffer.alloc(1000, 'x')
  let pushed = 0
  const error = (() => {
    try {
      for (;;) pushed += parser.push(chunk).length + 1
    } catch (caught) {
      return caught as ListingError
    }
  })()
  t.equal(error.code, 'ERR_FTP_LISTING')
  t.ok(pushed * chunk.length <= MAX_LINE)
  t.ok(error.line.length < 1000, 'the error does not hold the line either')
})

await t.test('a chunk may end anywhere', async t => {
  for (const format of ['mlsd', 'list'] as const) {
    const whole = parse(format, lists[format])
    for (let cut = 0; cut <= lists[format].length; cut++)
      t.strictSame(parse(format, lists[format], [cut]), whole)
    const everywhere = Array.from(lists[format], (_, index) => index)
    t.strictSame(parse(format, lists[format], everywhere), whole, `${format}, byte by byte`)
  }
})

await t.test('any names in any chunks give the same entries', async t => {
  const byte = fc.integer({ min: 1, max: 255 }).filter(code => ![10, 13, 47].includes(code))
  const name = fc
    .array(byte, { minLength: 1, maxLength: 30 })
    .map(codes => String.fromCharCode(...codes))
    .filter(name => name !== '.' && name !== '..')
  const formats = {
    mlsd: (name: string) => `type=file;size=2; ${name}`,
    list: file,
    dos: (name: string) => `01-23-24  05:30PM                 9276 ${name}`,
  }
  for (const [format, line] of Object.entries(formats)) {
    const end = fc.constantFrom('\n', '\r\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(name, end)), fc.array(fc.nat()), (list, cuts) => {
        const text = list.map(([name, end]) => line(name) + end).join('')
        const entries = parse(format === 'mlsd' ? 'mlsd' : 'list', text, cuts)
        t.strictSame(
          entries.map(entry => entry.name),
          list.map(([name]) => name),
        )
      }),
    )
  }
})

await t.test('overwriting a chunk later does not change the entries', async t => {
  const chunk = Buffer.from(`${file('a name of many characters')}\r\n${file('begun')}`, 'latin1')
  const parser = new ListingParser('list', { now })
  const entries = parser.push(chunk)
  chunk.fill('#')
  t.same(
    [...entries, ...parser.end()].map(entry => entry.name),
    ['a name of many characters', 'begun'],
  )
})

await t.test('a Uint8Array within a larger buffer', async t => {
  const bytes = new TextEncoder().encode(`##${file('x')}\n##`)
  t.equal(new ListingParser('list').push(bytes.subarray(2, -2))[0]?.name, 'x')
})

await t.test('without the option now, the present decides the years', async t => {
  const [entry] = new ListingParser('list').push(Buffer.from(`${file('x')}\n`))
  const [fromStat] = parseStatReplyLines([file('x')])
  const age = Date.now() - entry!.mtime!
  t.ok(age >= -86400000 && age < 366 * 86400000)
  t.equal(fromStat!.mtime, entry!.mtime)
})

await t.test('the reply to STAT', async t => {
  const stat = (lines: string[], dotEntries = false) =>
    parseStatReplyLines(lines, { now, dotEntries }).map(entry => entry.name)

  // ProFTPD 1.3.8
  t.same(stat([` ${file(' lead')}`, ` ${file('x')}`]), [' lead', 'x'], 'a directory')
  t.same(stat([` ${file('/a  b')}`]), ['/a  b'], 'a file, by its path')
  // vsftpd 3.0.3
  const directory = ['.', '..', '.hidden', 'total 12'].map(file)
  t.same(stat(directory), ['.hidden', 'total 12'])
  t.same(stat(directory, true), ['.', '..', '.hidden', 'total 12'])
  t.same(
    stat(['lrwxrwxrwx    1 0        0               5 Nov 22 08:08 link -> plain', file('plain')]),
    ['link', 'plain'],
    'the reply to STAT plain includes the links to it',
  )
  t.same(stat([]), [], 'a missing path, or an empty directory')
  t.same(stat(['total 4', '', file('x')]), ['x'])
  t.same(stat(['01-23-24  05:30PM       <DIR>          name']), ['name'])

  t.throws(() => stat([file('nl'), 'here']), { code: 'ERR_FTP_LISTING', line: 'here' })
  t.throws(() => stat([file('x'), 'total 4']), { code: 'ERR_FTP_LISTING', line: 'total 4' })
  t.throws(() => stat([file('a\rb')]), { code: 'ERR_FTP_LISTING' })
  t.throws(() => stat([file('a\0b')]), { code: 'ERR_FTP_LISTING' })
  t.throws(
    () => stat(['     Connected to 127.0.0.1']),
    { code: 'ERR_FTP_LISTING' },
    'the status of the server',
  )
})
