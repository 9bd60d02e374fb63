import fc from 'fast-check'
import t from 'tap'
import { MlsdLines, parseFacts, parseMlstReply } from '../../../lib/wire/listing/mlsd-line.js'
import type { ListedEntry } from '../../../lib/wire/listing/listed-entry.js'
import { ListingError } from '../../../lib/wire/listing/listed-entry.js'

const mtime = Date.UTC(2026, 10, 22, 8, 8, 22)
const mtimePrecision = 'second'
const mlsd = (...lines: string[]) => {
  const reader = new MlsdLines()
  return lines.map(line => reader.read(line)).at(-1)
}

await t.test('lines of real servers', async t => {
  const lines: [server: string, line: string, entry: ListedEntry][] = [
    [
      'ProFTPD 1.3.8, a file',
      'modify=20261122080822;perm=adfrw;size=2;type=file;unique=FE00U212278;UNIX.group=1002;UNIX.groupname=ftpuser;UNIX.mode=0644;UNIX.owner=1001;UNIX.ownername=ftpuser; a;b=c; d',
      {
        name: 'a;b=c; d',
        type: 'file',
        size: 2,
        mtime,
        mtimePrecision,
        mode: 0o644,
        uid: 1001,
        gid: 1002,
        unique: 'FE00U212278',
      },
    ],
    [
      'ProFTPD 1.3.8, a setgid directory, which has no size',
      'modify=20261122080822;perm=flcdmpe;type=dir;unique=FE00U212264;UNIX.group=1001;UNIX.groupname=ftpuser;UNIX.mode=02755;UNIX.owner=1001;UNIX.ownername=ftpuser; setgid',
      {
        name: 'setgid',
        type: 'directory',
        mtime,
        mtimePrecision,
        mode: 0o2755,
        uid: 1001,
        gid: 1001,
        unique: 'FE00U212264',
      },
    ],
    [
      'ProFTPD 1.3.8, a link',
      'modify=20261122080822;perm=adfrw;size=5;type=OS.unix=symlink;unique=FE00U212257;UNIX.mode=0777; link',
      { name: 'link', type: 'link', size: 5, mtime, mtimePrecision, mode: 0o777, unique: 'FE00U212257' },
    ],
    [
      'ProFTPD 1.3.8, the reply to MLST',
      ' modify=20261122080822;perm=adfrw;size=2;type=file;unique=FE00U21225A;UNIX.mode=0644; /a  b',
      { name: '/a  b', type: 'file', size: 2, mtime, mtimePrecision, mode: 0o644, unique: 'FE00U21225A' },
    ],
    [
      'Pure-FTPd 1.0.50, a file',
      'type=file;size=5368709120;modify=20261122080822;UNIX.mode=04755;UNIX.uid=1001;UNIX.gid=1002;unique=fe00g212298; big',
      {
        name: 'big',
        type: 'file',
        size: 5368709120,
        mtime,
        mtimePrecision,
        mode: 0o4755,
        uid: 1001,
        gid: 1002,
        unique: 'fe00g212298',
      },
    ],
    [
      'Pure-FTPd 1.0.50, a directory, whose size is sizd',
      'type=dir;sizd=4096;modify=20261122080822;UNIX.mode=01777;UNIX.uid=0;UNIX.gid=0;unique=fe00g212289; sticky',
      {
        name: 'sticky',
        type: 'directory',
        size: 4096,
        mtime,
        mtimePrecision,
        mode: 0o1777,
        uid: 0,
        gid: 0,
        unique: 'fe00g212289',
      },
    ],
    [
      'Pure-FTPd 1.0.50, a link: a bare slink',
      'type=OS.unix=slink:;size=1;modify=20261122080822;UNIX.mode=0777;  -> ',
      { name: ' -> ', type: 'link', size: 1, mtime, mtimePrecision, mode: 0o777 },
    ],
    [
      'Pure-FTPd 1.0.50, a fifo or a device',
      'type=unknown;size=0;modify=20261122080822;UNIX.mode=0644; fifo',
      { name: 'fifo', type: 'other', size: 0, mtime, mtimePrecision, mode: 0o644 },
    ],
    [
      'pyftpdlib 1.5.7',
      'modify=19650101000000;perm=radfwMT;size=1;type=file;unique=fe00g2122ba; ancient',
      {
        name: 'ancient',
        type: 'file',
        size: 1,
        mtime: Date.UTC(1965, 0),
        mtimePrecision,
        unique: 'fe00g2122ba',
      },
    ],
    [
      'RFC 3659, section 7.7.4: facts in any case',
      'Type=file;Size=25730;Modify=19940728095854;Perm=; cap60.pl198.tar.gz',
      {
        name: 'cap60.pl198.tar.gz',
        type: 'file',
        size: 25730,
        mtime: Date.UTC(1994, 6, 28, 9, 58, 54),
        mtimePrecision,
      },
    ],
    [
      'RFC 3659, section 7.7.8: a link with its target',
      'type=OS.unix=slink:/foobar;perm=;unique=keVO1+4G4; foobar',
      { name: 'foobar', type: 'link', target: '/foobar', unique: 'keVO1+4G4' },
    ],
    [
      'RFC 3659, section 7.7.8: a device',
      'type=OS.unix=chr-13/29;perm=;unique=keVO1+5G4; device',
      { name: 'device', type: 'other', unique: 'keVO1+5G4' },
    ],
  ]
  for (const [server, line, entry] of lines) t.strictSame(parseFacts(line), entry, server)
})

await t.test('a name is every byte after the first "; "', async t => {
  for (const name of [
    ' ',
    ' lead',
    'trail ',
    'a  b',
    '; ',
    'x; type=dir; y',
    '=',
    'total 12',
    '\t',
    '\xff\xfe',
    '-> ',
  ])
    t.strictSame(parseFacts(`type=dir; ${name}`), { name, type: 'directory' }, JSON.stringify(name))
})

await t.test('the space before the entry in a reply to MLST is optional (PyFilesystem2#10)', async t => {
  t.strictSame(parseFacts('type=file;size=1; /x'), parseFacts(' type=file;size=1; /x'))
})

await t.test('an unknown type is neither a file nor a directory', async t => {
  for (const type of ['OS.unix=blk-8/1', 'OS.unix=slinky', 'OS.windows=junction', 'x-thing'])
    t.strictSame(parseFacts(`type=${type}; x`), { name: 'x', type: 'other' }, type)
  t.strictSame(parseFacts('type=os.UNIX=SLINK:Target; x'), { name: 'x', type: 'link', target: 'Target' })
})

await t.test('without a type, an entry with a size is a file', async t => {
  t.strictSame(parseFacts('size=3; x'), { name: 'x', type: 'file', size: 3 })
})

await t.test('facts that the server omits are absent', async t => {
  t.strictSame(parseFacts('type=file;size=;modify=;unique=;UNIX.mode=;x.y=;media-type=text/plain; x'), {
    name: 'x',
    type: 'file',
  })
  t.strictSame(
    parseFacts('type=file;modify=00000000000000;UNIX.mode=rwx;UNIX.uid=root;UNIX.group=adm; x'),
    { name: 'x', type: 'file' },
    'a clock that was never set, and names instead of numbers',
  )
})

await t.test('every fact of RFC 3659 in any case, and facts of servers', async t => {
  const facts = {
    type: 'file',
    size: '3',
    modify: '20261122080822.5',
    create: '20200101000000',
    perm: 'adfrw',
    unique: 'keVO1+IH4',
    lang: 'de-AT',
    'media-type': 'text/plain',
    charset: 'utf-8',
    'UNIX.mode': '04755',
    'UNIX.uid': '1000',
    'UNIX.gid': '100',
    'UNIX.atime': '20200101000000',
    'Win32.ea': '0x00000020',
    'X.empty': '',
  }
  const line = (each: (name: string) => string): string =>
    `${Object.entries(facts)
      .map(([name, value]) => `${each(name)}=${value};`)
      .join('')} a b`
  for (const each of [String, (name: string) => name.toUpperCase(), (name: string) => name.toLowerCase()]) {
    t.strictSame(parseFacts(line(each)), {
      name: 'a b',
      type: 'file',
      size: 3,
      mtime: mtime + 500,
      mtimePrecision,
      mode: 0o4755,
      uid: 1000,
      gid: 100,
      unique: 'keVO1+IH4',
    })
  }
  // No value of an unused fact is a reason to refuse the entry.
  t.strictSame(parseFacts('type=dir;create=yesterday;perm=?;lang=;charset=none; x'), {
    name: 'x',
    type: 'directory',
  })
})

await t.test('an invalid fact is ignored, and the name stays as it is', async t => {
  const lines = {
    'size=-3': 'a negative size',
    'size=3k': 'a size that is not in bytes',
    'size=9007199254740993': 'a size that a number cannot hold',
    'modify=20261322080822': 'no such month',
    'modify=yesterday': 'no time-val',
    'UNIX.mode=rw-r--r--': 'a mode in letters',
    nonsense: 'no fact at all',
    '': 'an empty fact',
  }
  for (const [fact, what] of Object.entries(lines))
    t.strictSame(parseFacts(`type=file;${fact};UNIX.gid=7; x`), { name: 'x', type: 'file', gid: 7 }, what)
})

await t.test('owners', async t => {
  const owners = (facts: string) => {
    const { uid, gid } = parseFacts(`type=file;${facts}; x`)
    return { uid, gid }
  }
  t.strictSame(owners('UNIX.ownername=12;UNIX.groupname=34'), { uid: 12, gid: 34 }, 'names that are numbers')
  t.strictSame(owners('UNIX.owner=1;UNIX.ownername=12;UNIX.group=2;UNIX.groupname=34'), { uid: 1, gid: 2 })
  t.strictSame(
    owners('UNIX.groupname=domain users;UNIX.gid=7'),
    { uid: undefined, gid: 7 },
    'a space in a value',
  )
})

await t.test('a mode is only the permission bits', async t => {
  t.equal(parseFacts('type=file;UNIX.mode=0100644; x').mode, 0o644)
  t.equal(parseFacts('type=file;UNIX.mode=7777; x').mode, 0o7777)
})

await t.test('an unreadable line is an error that quotes it', async t => {
  const lines = {
    here: 'the rest of a name that holds a newline',
    'here; and there': 'the same, with a semicolon',
    'a=b; c': 'no type',
    ' plain': 'no facts (allowed by RFC 3659, but without the type of the entry)',
    'type=file;size=3;': 'no name',
    'type=file;size=3; ': 'an empty name',
    '-rw-r--r--   1 u g 3 Jan 1 00:00 x': 'another format',
  }
  for (const [line, what] of Object.entries(lines)) {
    t.throws(() => parseFacts(line), { name: 'ListingError', code: 'ERR_FTP_LISTING', line }, what)
    t.throws(() => parseFacts(line), { message: JSON.stringify(line).slice(1, -1) }, what)
  }
})

await t.test('an MLSD line of the folder itself or its parent is no entry', async t => {
  const line = 'modify=20261122081149;perm=flcdmpe;type=cdir;UNIX.mode=0755; .'
  t.equal(mlsd(line), undefined)
  t.equal(mlsd('Type=PDIR;Perm=el; /home/mlst'), undefined)
  t.equal(parseFacts(line).type, 'directory', 'but MLST of it describes a directory')
  t.strictSame(mlsd('type=dir; x'), { name: 'x', type: 'directory' })
})

await t.test('an MLSD line without a type, or without facts', async t => {
  const untold = { name: 'a name', type: 'other', typeUnknown: true } as const
  for (const line of ['anything=something; a name', ' a name', 'type=; a name'])
    t.strictSame(mlsd(line), untold, line)
  t.strictSame(mlsd('UNIX.uid=11;UNIX.mode=0755; a name'), { ...untold, uid: 11, mode: 0o755 })
  t.strictSame(mlsd(' a; b'), { ...untold, name: 'a; b' })
  t.strictSame(mlsd(' one', '  two '), { ...untold, name: ' two ' })
  t.strictSame(mlsd('size=3; x'), { name: 'x', type: 'file', size: 3 })
  for (const line of [' a=b; c', ' ', 'Type=file;Perm=awdrf;'])
    t.throws(() => mlsd(line), { code: 'ERR_FTP_LISTING', line }, JSON.stringify(line))
  for (const rest of [' here', 'a=b; here', 'size=3; here'])
    t.throws(
      () => mlsd('type=file; name with a newline', rest),
      { code: 'ERR_FTP_LISTING', line: rest },
      'the rest of a name that holds a newline',
    )
})

await t.test('the entry in a reply to MLST', async t => {
  t.strictSame(parseMlstReply([' type=dir; /x']), { name: '/x', type: 'directory' })
  t.strictSame(parseMlstReply([' ', ' type=dir; /x', ' ']), { name: '/x', type: 'directory' })
  t.throws(() => parseMlstReply([]), ListingError)
  t.throws(() => parseMlstReply([' what?']), { name: 'ListingError', line: ' what?' })
})

await t.test('any name round-trips with its facts', async () => {
  const byte = fc.integer({ min: 1, max: 255 }).filter(code => code !== 10 && code !== 13)
  const names = fc.oneof(
    fc.array(byte, { minLength: 1 }).map(codes => String.fromCharCode(...codes)),
    fc
      .array(fc.constantFrom(' ', ';', '=', '; ', 'type=dir;', '.', 'a'), { minLength: 1 })
      .map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(names, fc.maxSafeNat(), fc.nat(0o7777), (name, size, mode) => {
      const facts = parseFacts(`type=file;size=${size};UNIX.mode=${mode.toString(8)}; ${name}`)
      return facts.name === name && facts.size === size && facts.mode === mode
    }),
  )
})
