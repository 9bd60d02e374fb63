import t from 'tap'
import { judgeEnd, maxExpected, type TransferEnd } from '../../../lib/remote/read/judge-end.js'

const MIB = 2 ** 20

const table: [title: string, end: TransferEnd, verdict: ReturnType<typeof judgeEnd>][] = [
  ['all of it', { from: 0, came: 10, size: 10 }, 'whole'],
  ['the rest of it', { from: 4, came: 10, size: 10 }, 'whole'],
  ['of a file whose size is not told', { from: 0, came: 10, size: undefined }, 'whole'],
  ['more than that, from 0 on', { from: 0, came: 29, size: 0 }, 'whole'],
  ['more than that, behind REST', { from: 4, came: 29, size: 10 }, 'ask'],
  ['which it has by now', { from: 4, came: 29, size: 10, again: [29, 29] }, 'whole'],
  ['which it has not', { from: 4, came: 29, size: 10, again: [10] }, 'long'],
  ['of which nothing is told any more', { from: 4, came: 29, size: 10, again: [] }, 'long'],
  ['less than that', { from: 0, came: 5, size: 4096 }, 'ask'],
  ['which MLST tells', { from: 0, came: 5, size: 4096, again: [4096, 5] }, 'whole'],
  ['which nothing tells', { from: 0, came: 5, size: 4096, again: [4096] }, 'repeat'],
  ['behind REST', { from: 2, came: 5, size: 4096, again: [4096] }, 'repeat'],
  ['the same once more', { from: 0, came: 5, size: 4096, before: 5 }, 'whole'],
  ['another number once more', { from: 0, came: 7, size: 4096, before: 5, again: [4096] }, 'short'],
  ['much, and less than that', { from: 0, came: 2 * MIB, size: 3 * MIB, again: [3 * MIB] }, 'short'],
  ['the same of it once more', { from: 0, came: 2 * MIB, size: 3 * MIB, before: 2 * MIB }, 'ask'],
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
