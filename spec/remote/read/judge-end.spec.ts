import t from 'tap'
import { judgeEnd, maxExpected, type TransferEnd } from '../../../lib/remote/read/judge-end.js'

const MIB = 2 ** 20

const table: [title: string, end: TransferEnd, verdict: ReturnType<typeof judgeEnd>][] = [
  ['all of it', { from: 0, came: 10, size: 10 }, 'whole'],
  ['the rest of it', { from: 4, came: 10, size: 10 }, 'whole'],
  ['of a file without a reported size', { from: 0, came: 10, size: undefined }, 'whole'],
  ['more bytes than the size, from 0 on', { from: 0, came: 29, size: 0 }, 'whole'],
  ['more bytes than the size, after REST', { from: 4, came: 29, size: 10 }, 'ask'],
  [
    'more bytes than the size, which has grown to them',
    { from: 4, came: 29, size: 10, again: [29, 29] },
    'whole',
  ],
  ['more bytes than the size, which is unchanged', { from: 4, came: 29, size: 10, again: [10] }, 'long'],
  [
    'more bytes than the size, without a size the second time',
    { from: 4, came: 29, size: 10, again: [] },
    'long',
  ],
  ['fewer bytes than the size', { from: 0, came: 5, size: 4096 }, 'ask'],
  ['fewer bytes, as many as MLST reports', { from: 0, came: 5, size: 4096, again: [4096, 5] }, 'whole'],
  ['fewer bytes, and no reported size agrees', { from: 0, came: 5, size: 4096, again: [4096] }, 'repeat'],
  [
    'fewer bytes after REST, and no reported size agrees',
    { from: 2, came: 5, size: 4096, again: [4096] },
    'repeat',
  ],
  ['fewer bytes, the same number again', { from: 0, came: 5, size: 4096, before: 5 }, 'whole'],
  [
    'fewer bytes, another number the second time',
    { from: 0, came: 7, size: 4096, before: 5, again: [4096] },
    'short',
  ],
  ['fewer bytes, but more than 1 MiB', { from: 0, came: 2 * MIB, size: 3 * MIB, again: [3 * MIB] }, 'short'],
  [
    'fewer bytes, but more than 1 MiB, the same number again',
    { from: 0, came: 2 * MIB, size: 3 * MIB, before: 2 * MIB },
    'ask',
  ],
]

t.test('whether a transfer that ended well has brought the whole file', t => {
  for (const [title, end, verdict] of table) t.equal(judgeEnd(end), verdict, title)
  t.end()
})

t.test('bytes beyond the size are accepted up to a limit, before the size is asked for again', t => {
  t.equal(maxExpected(0), 16 * MIB, 'as of a file of /proc')
  t.equal(maxExpected(1), MIB + 1)
  t.equal(maxExpected(3 * MIB), 4 * MIB)
  t.equal(maxExpected(160 * MIB), 170 * MIB)
  t.end()
})
