import { mkdir, readdir } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { localFolder } from '../fs/local-folder.js'
import { blockSize, SpoolFile } from '../../lib/remote/spool-file.js'
import { Spool } from '../../lib/remote/spool.js'
import { openFiles } from '../support/open-files.js'
import { bytes, failureOf } from './scripted-vfs.js'

async function all(spool: Spool): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of spool.read()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** How many descriptors of this process are open in the folder. */
function openIn(folder: string): number {
  return openFiles(folder).length
}

/** Spools without memory that have written in turn, each with its own bytes. */
async function spools(t: Test, folder: string, count: number) {
  const made = Array.from({ length: count }, (_, i) => {
    const spool = new Spool(folder, 0)
    t.teardown(() => spool.dispose())
    return { spool, data: bytes(3 * blockSize + i, i) }
  })
  for (let at = 0; at < 4 * blockSize; at += 50_000) {
    await Promise.all(made.map(({ spool, data }) => spool.append(data.subarray(at, at + 50_000))))
  }
  return made
}

t.test('spools share a file, and keep their bytes', async t => {
  const local = await localFolder(t)
  const made = await spools(t, local(), 100)
  if (process.platform === 'linux') t.equal(openIn(local()), 1)
  for (const { spool, data } of made) t.ok(data.equals(await all(spool)))

  await t.test('the blocks of a finished spool are reused', async t => {
    for (const { spool } of made.slice(50)) await spool.dispose()
    const others = await spools(t, local(), 60)
    for (const { spool, data } of [...made.slice(0, 50), ...others]) t.ok(data.equals(await all(spool)))
  })

  await t.test('and a gap is zeros, whatever the reused block held before', async t => {
    await made[0]!.spool.dispose()
    const spool = new Spool(local(), 0)
    t.teardown(() => spool.dispose())
    await spool.append(Buffer.from('a'))
    await spool.write(Buffer.from('b'), 100)
    await spool.write(Buffer.from('c'), 2 * blockSize + 5)
    await spool.write(Buffer.from('d'), 10 * blockSize)
    const expected = Buffer.alloc(10 * blockSize + 1)
    for (const [letter, at] of [
      ['a', 0],
      ['b', 100],
      ['c', 2 * blockSize + 5],
      ['d', 10 * blockSize],
    ] as const)
      expected.write(letter, at)
    t.ok(expected.equals(await all(spool)))
  })
})

t.test('after the last spool nothing is left open, or in the folder', async t => {
  const local = await localFolder(t)
  const made = await spools(t, local(), 3)
  for (const { spool } of made) await spool.dispose()
  t.same(await readdir(local()), [])
  if (process.platform === 'linux') t.equal(openIn(local()), 0)
  t.not(SpoolFile.in(local()), SpoolFile.in(local('other')))
})

t.test('a file that cannot be created is tried again', async t => {
  const local = await localFolder(t)
  const spool = new Spool(local('none'), 0)
  t.match(await failureOf(spool.append(Buffer.from('x'))), { code: 'ENOENT' })
  await mkdir(local('none'))
  await spool.append(Buffer.from('y'))
  t.equal(String(await all(spool)), 'y')
  await spool.dispose()
  t.same(await readdir(local('none')), [])
})
