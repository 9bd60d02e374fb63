import * as fs from 'node:fs'
import t from 'tap'
import { BigIntStats, Stats, toStats } from '../../lib/fs/stats.js'
import type { EntryInfo } from '../../lib/remote/entry.js'

const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'] as const

/** The field names of a Node object. From Node 22 on, the dates are getters of the prototype. */
function fields(stats: object): string[] {
  const own = Object.keys(stats)
  return own.includes('mtime') ? own : [...own, ...TIMES]
}

function types(stats: object): string[] {
  return fields(stats).map(name => typeof (stats as Record<string, unknown>)[name])
}

await t.test('the fields are those of Node, in its order and with its types', async t => {
  const ours = toStats({ type: 'file', size: 1 }, '/a')
  const nodes = fs.statSync('.')
  t.same(Object.keys(ours), fields(nodes))
  t.same(types(ours), types(nodes))
})

await t.test('also with bigint', async t => {
  const ours = toStats({ type: 'file', size: 1 }, '/a', { bigint: true })
  const nodes = fs.statSync('.', { bigint: true })
  t.same(Object.keys(ours), fields(nodes))
  t.same(types(ours), types(nodes))
})

await t.test('stats are an instance of fs.Stats, without a warning of Node', async t => {
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const stats = toStats({ type: 'file' }, '/a')
  t.ok(stats instanceof fs.Stats)
  t.ok(stats instanceof Stats)
  t.ok(toStats({ type: 'file' }, '/a', { bigint: true }) instanceof BigIntStats)
  // Warnings are emitted on the next tick.
  await new Promise(setImmediate)
  t.same(warnings, [])
})

await t.test('each type has its method and its bits', async t => {
  const methods = [
    'isFile',
    'isDirectory',
    'isSymbolicLink',
    'isBlockDevice',
    'isCharacterDevice',
    'isFIFO',
    'isSocket',
  ] as const
  const expected = { file: 'isFile', directory: 'isDirectory', link: 'isSymbolicLink', other: undefined }
  const bits = { file: 0o100644, directory: 0o40755, link: 0o120777, other: 0o644 }
  for (const type of ['file', 'directory', 'link', 'other'] as const) {
    for (const bigint of [false, true]) {
      const stats = toStats({ type }, '/a', { bigint })
      t.same(
        methods.filter(method => stats[method]()),
        [expected[type]].filter(Boolean),
        `${type}, bigint ${bigint}`,
      )
      t.equal(Number(stats.mode), bits[type], `mode of ${type}`)
    }
  }
})

await t.test('listed facts are used', async t => {
  const info: EntryInfo = {
    type: 'file',
    size: 1025,
    mtime: 1700000000123,
    mode: 0o4600,
    uid: 7,
    gid: 8,
    nlink: 2,
  }
  const expected = { size: 1025, blocks: 3, mode: 0o104600, uid: 7, gid: 8, nlink: 2, mtimeMs: 1700000000123 }
  t.match(toStats(info, '/a'), expected)
  for (const name of TIMES) {
    t.same(toStats(info, '/a')[name], new Date(1700000000123), name)
    t.same(toStats(info, '/a', { bigint: true })[name], new Date(1700000000123), name)
  }
  const big = toStats(info, '/a', { bigint: true })
  t.match(big, {
    size: 1025n,
    blocks: 3n,
    mode: 0o104600n,
    uid: 7n,
    gid: 8n,
    nlink: 2n,
    mtimeMs: 1700000000123n,
  })
  t.equal(big.mtimeNs, 1700000000123000000n)
})

await t.test('missing facts are filled in', async t => {
  const expected = { dev: 0, rdev: 0, nlink: 1, uid: 0, gid: 0, blksize: 4096, size: 0, blocks: 0 }
  t.match(toStats({ type: 'directory' }, '/a'), { ...expected, mtimeMs: 0 })
})

await t.test('fractions of a millisecond are kept', async t => {
  const info: EntryInfo = { type: 'file', mtime: 1700000000123.456 }
  t.equal(toStats(info, '/a').mtimeMs, 1700000000123.456)
  const big = toStats(info, '/a', { bigint: true })
  t.equal(big.mtimeMs, 1700000000123n)
  t.equal(big.mtimeNs / 1000n, 1700000000123456n)
})

await t.test('times before 1970', async t => {
  const big = toStats({ type: 'file', mtime: -1500 }, '/a', { bigint: true })
  t.equal(big.mtimeMs, -1500n)
  t.equal(big.mtimeNs, -1500000000n)
})

await t.test('the inode number belongs to the path', async t => {
  const ino = (path: string) => toStats({ type: 'file' }, path).ino
  t.equal(ino('/a'), ino('/a'))
  t.not(ino('/a'), ino('/b'))
  for (const path of ['/', '/a', '/\xff'])
    t.ok(Number.isSafeInteger(ino(path)) && ino(path) > 0 && ino(path) < 2 ** 48)
  t.equal(toStats({ type: 'file' }, '/a', { bigint: true }).ino, BigInt(ino('/a')))
})

await t.test('similar paths have different inode numbers', async t => {
  const numbers = new Set<number>()
  const counts = new Map<number, number>()
  for (let i = 0; i < 100_000; i++) {
    const { ino } = toStats({ type: 'file' }, `/folder/${i % 10}/f${i}`)
    numbers.add(ino)
    const top = Math.floor(ino / 2 ** 44)
    counts.set(top, (counts.get(top) ?? 0) + 1)
  }
  t.equal(numbers.size, 100_000)
  // Each sixteenth of the range has about as many.
  t.equal(counts.size, 16)
  for (const count of counts.values()) t.ok(count > 5000 && count < 7500, `${count}`)
})

await t.test('two names of one file share an inode number, if the server reports it', async t => {
  const info: EntryInfo = { type: 'file', unique: '803gd5e1b' }
  t.equal(toStats(info, '/a').ino, toStats(info, '/b').ino)
  t.not(toStats(info, '/a').ino, toStats({ ...info, unique: '803gd5e1c' }, '/a').ino)
})
