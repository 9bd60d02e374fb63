import t from 'tap'
import type { ListedEntry } from '../../../lib/wire/listing/listed-entry.js'
import { ListLines } from '../../../lib/wire/listing/list-lines.js'

const now = Date.UTC(2026, 10, 22, 8, 30)

/** The entries of whole listings; an unreadable line as its text. */
function read(lines: readonly string[], folder?: string): (ListedEntry | string)[] {
  const reader = new ListLines(now, folder)
  const found = lines.map(line => {
    try {
      return reader.read(line)
    } catch {
      return line
    }
  })
  return [...found, ...reader.end()].filter(each => each !== undefined)
}

const second = 'second' as const
const minute = 'minute' as const
const day = 'day' as const
const untold = { type: 'other', typeUnknown: true } as const
const at = (text: string, mtimePrecision: 'second' | 'minute' | 'day') => ({
  mtime: Date.parse(text),
  mtimePrecision,
})

await t.test('OpenVMS: the highest version of each file, without its number, and without size', async t => {
  const vms = [
    'Directory DKA0:[USER]',
    '',
    'LOGIN.COM;3             11/16  21-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)',
    'OTHER.TXT;1                 2   2-JUL-2003 10:30:13.64',
    'LOGIN.COM;10                1  22-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)',
    'LOGIN.COM;2                11  20-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)',
    'SUB.DIR;1                   1  19-NOV-2001 21:41 [root,root] (RWE,RWE,RE,RE)',
    'A_NAME_THAT_LEAVES_NO_ROOM.FOR_MORE;1',
    '                       170774/170775 24-APR-2003 08:16:15  [FTP_CLIENT,SCOT]      (RWED,RWED,RE,)',
    'SECRET.TXT;1            %RMS-E-PRV, insufficient privilege or file protection violation',
    'NO_TIME.TXT;1           6/8    15-JUI-2002    PRONAS   (RWED,RWED,RE,)',
    '',
    'Total of 8 files, 170801/170802 blocks',
  ].filter(line => line !== '')
  t.strictSame(read(vms), [
    { name: 'LOGIN.COM', type: 'file', ...at('2012-03-22T15:17Z', minute) },
    { name: 'OTHER.TXT', type: 'file', ...at('2003-07-02T10:30:13Z', second) },
    { name: 'SUB', type: 'directory', ...at('2001-11-19T21:41Z', minute) },
    {
      name: 'A_NAME_THAT_LEAVES_NO_ROOM.FOR_MORE',
      type: 'file',
      ...at('2003-04-24T08:16:15Z', second),
    },
    { name: 'SECRET.TXT', type: 'file' },
    { name: 'NO_TIME.TXT', type: 'file' },
  ])
  t.throws(() => read(['X;1']), { code: 'ERR_FTP_LISTING', line: 'X;1' }, 'the continuation line is missing')
  t.same(read(['X;1', 'here']), ['here'])
})

await t.test('IBM i', async t => {
  const lines = [
    'QSYS            77824 02/23/10 15:09:55 *DIR       name/',
    'CFT             45056 28/11/15 14:19:31 *FILE MEMBER1.FILE',
    'CFT                                     *MEM MEMBER1.FILE/MEMBER1.MBR',
    'TESTUSR         12345 01/12/18 18:34:01 *STMF B0001234567 K',
    'TESTUSR           512 10/10/10 18:34:01 *STMF       lead',
    'QPGMR           36864 05/31/18 08:00:00 *PGM       RUN.PGM',
  ]
  t.strictSame(read(lines, '/QSYS.LIB/CFT.LIB'), [
    { name: 'name', type: 'directory', ...at('2010-02-23T15:09:55Z', second) },
    { name: 'MEMBER1.FILE', ...untold, ...at('2015-11-28T14:19:31Z', second) },
    { name: 'B0001234567 K', type: 'file', size: 12345 },
    { name: ' lead', type: 'file', size: 512, ...at('2010-10-10T18:34:01Z', second) },
    { name: 'RUN.PGM', ...untold, ...at('2018-05-31T08:00:00Z', second) },
  ])
  t.strictSame(read([lines[2]!], '/QSYS.LIB/CFT.LIB/MEMBER1.FILE'), [{ name: 'MEMBER1.MBR', type: 'file' }])
})

await t.test('z/OS: data sets, members, load modules', async t => {
  t.strictSame(
    read([
      'Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname',
      'VOL001 3390   2020/01/03  1   15  VB   32756 32760  PS  $.ADATA.XAA',
      'VOL002 3390   2022/02/18  1+++++  FB      80 27920  PO  SOURCE.COBOL',
      'VOL003 3390   **NONE**    1   15  VSAM USER.KSDS',
      'Migrated                                                OLD.DATA',
      'Pseudo Directory                                        PAY',
    ]),
    [
      { name: '$.ADATA.XAA', type: 'file', ...at('2020-01-03', day) },
      { name: 'SOURCE.COBOL', type: 'directory', ...at('2022-02-18', day) },
      { name: 'USER.KSDS', ...untold },
      { name: 'OLD.DATA', ...untold },
      { name: 'PAY', ...untold },
    ],
  )
  t.strictSame(
    read([
      ' Name     VV.MM   Created       Changed      Size  Init   Mod   Id',
      '$2CPF1    01.01 2001/10/18 2001/10/19 11:58    29    29     0 USER1',
      'BARE',
    ]),
    [
      { name: '$2CPF1', type: 'file', ...at('2001-10-19T11:58Z', minute) },
      { name: 'BARE', type: 'file' },
    ],
  )
  t.strictSame(
    read([
      ' Name      Size     TTR   Alias-of AC --------- Attributes --------- Amode Rmode',
      'EAGKCPT   000058   000009          00 FO             RN RU            31    ANY',
      'EAGRTPRC  005F48   000011 EAGRTALT 00 FO             RN RU            31    ANY',
    ]),
    [
      { name: 'EAGKCPT', type: 'file' },
      { name: 'EAGRTPRC', type: 'file' },
    ],
  )
})

await t.test('NonStop', async t => {
  t.strictSame(
    read([
      'File         Code             EOF  Last Modification    Owner  RWEP',
      'FILE1 101 528 12-Jan-14 14:21:18 255, 0 "extra1"',
      'FILE3        101            16354 14-Mar-99 15:09:12 244, 10 "nunu"',
    ]),
    [
      { name: 'FILE1', type: 'file', size: 528, ...at('2014-01-12T14:21:18Z', second) },
      { name: 'FILE3', type: 'file', size: 16354, ...at('1999-03-14T15:09:12Z', second) },
    ],
  )
})

await t.test('VOS', async t => {
  t.strictSame(
    read([
      'Files: 2  Blocks: 609',
      'w    158 stm       90-05-19 11:53:44  acctng.cobol',
      'r      1 seq       02-09-16 16:35:55  a b',
      'Dirs: 1',
      'm      4  00-07-15 12:25:00  below',
      'Links: 1',
      '00-07-15 12:25:00  12 -> %s#d01>Sales>12',
    ]),
    [
      { name: 'acctng.cobol', type: 'file', ...at('1990-05-19T11:53:44Z', second) },
      { name: 'a b', type: 'file', ...at('2002-09-16T16:35:55Z', second) },
      { name: 'below', type: 'directory', ...at('2000-07-15T12:25:00Z', second) },
      { name: '12', type: 'link', target: '%s#d01>Sales>12', ...at('2000-07-15T12:25:00Z', second) },
    ],
  )
})

await t.test('OS/2', async t => {
  t.strictSame(
    read([
      '36611      A    04-23-103  10:57  24-File2 file',
      '    0 DIR       02-11-99   16:15  26-Dir6 dir',
      ' 1123 DIR  A    10-05-100  23:38   lead',
    ]),
    [
      { name: '24-File2 file', type: 'file', size: 36611, ...at('2003-04-23T10:57Z', minute) },
      { name: '26-Dir6 dir', type: 'directory', ...at('1999-02-11T16:15Z', minute) },
      { name: ' lead', type: 'directory', ...at('2000-10-05T23:38Z', minute) },
    ],
  )
})

await t.test('NetWare', async t => {
  t.strictSame(
    read([
      'total 0',
      'd [R----F--] supervisor            512       Jan 16 18:53    login',
      '- [RWCEAFMS] John Doe           214059       Oct 20  2003 cx 1.exe',
    ]),
    [
      { name: 'login', type: 'directory', ...at('2026-01-16T18:53Z', minute) },
      { name: 'cx 1.exe', type: 'file', size: 214059, ...at('2003-10-20', day) },
    ],
  )
})

await t.test('EPLF', async t => {
  t.strictSame(
    read([
      '+i8388621.48594,m825718503,r,s280,up755,\tFile-10.txt file',
      '+i8388621.50690,m824255907,/,\t dir',
      '+x,s1k,mnever,up9,\tsomething',
    ]),
    [
      {
        name: 'File-10.txt file',
        type: 'file',
        size: 280,
        mode: 0o755,
        unique: '8388621.48594',
        ...at('1996-03-01T22:15:03Z', second),
      },
      { name: ' dir', type: 'directory', unique: '8388621.50690', ...at('1996-02-13T23:58:27Z', second) },
      { name: 'something', ...untold },
    ],
  )
})

await t.test('after lines of ls or DOS, a line that begins with a name is the rest of a name', async t => {
  const rests = [
    'FILE1 101 528 12-Jan-14 14:21:18 255, 0 "extra1"',
    'X.TXT;1             11  21-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)',
    'X;1',
    'VOL001 3390   2020/01/03  1   15  VB   32756 32760  PS  $.ADATA.XAA',
    'w    158 stm       90-05-19 11:53:44  acctng.cobol',
    'Files: 2  Blocks: 609',
  ]
  for (const usual of ['-rw-r--r-- 1 0 0 2 Nov 22 08:08 x', '01-23-24  05:30PM       <DIR>          x'])
    for (const rest of rests) t.same(read([usual, rest]).slice(1), [rest])
})
