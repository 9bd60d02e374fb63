import { readdir } from 'node:fs/promises'
import t from 'tap'
import { Backlog } from '../../lib/remote/backlog.js'
import { Memory } from '../../lib/remote/memory.js'
import { localFolder } from '../fs/local-folder.js'
import { bytes, failureOf, pieces } from './scripted-vfs.js'

const data = bytes(300_000)

/** Each chunk has its own memory, as received ones do. */
const chunks = (size: number): Buffer[] => [...pieces(data, size)].map(piece => Buffer.from(piece))

async function rest(backlog: Backlog): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let chunk; (chunk = await backlog.shift());) chunks.push(chunk)
  return Buffer.concat(chunks)
}

t.test('chunks with room wait in memory', async t => {
  const memory = new Memory(2 ** 20)
  const backlog = new Backlog('/dev/null/none', memory.share())
  for (const piece of chunks(10_000)) t.equal(backlog.push(piece, true), undefined)
  t.same([backlog.size, memory.used], [300_000, 300_000])
  t.equal((await backlog.shift())!.length, 10_000)
  t.same([backlog.size, memory.used], [290_000, 300_000], 'what was taken is in use')
  t.equal((await backlog.shiftAll()).length, 29)
  t.same([backlog.size, memory.used], [0, 290_000], 'until more is asked for')
  t.same([await backlog.shift(), await backlog.shiftAll()], [undefined, []])
  t.equal(memory.used, 0)
  await backlog.close()
})

t.test('a chunk without room waits in a file, and so do all later ones', async t => {
  const local = await localFolder(t)
  const memory = new Memory(100_000)
  const backlog = new Backlog(local(), memory.share())
  const written: Promise<void>[] = []
  for (const piece of chunks(10_000)) {
    const writing = backlog.push(piece, true)
    if (writing) written.push(writing)
  }
  t.equal(written.length, 25)
  t.same([backlog.size, memory.used], [300_000, 50_000])
  const first = await backlog.shiftAll()
  const more = bytes(5000, 2)
  t.ok(backlog.push(more, true), 'though there is room again')
  t.ok(Buffer.concat([data, more]).equals(Buffer.concat([...first, await rest(backlog)])))
  t.equal(backlog.size, 0)
  t.equal(backlog.push(more, true), undefined, 'until all of the file is taken')
  t.ok(more.equals((await backlog.shift())!))
  t.same(await readdir(local()), [])
  await backlog.close()
})

t.test('a part of a chunk keeps the memory of the whole', async t => {
  const memory = new Memory(2 ** 20)
  const backlog = new Backlog('/dev/null/none', memory.share())
  void backlog.push(Buffer.from(data).subarray(0, 10), true)
  t.same([backlog.size, memory.used], [10, 300_000])
  await backlog.close()
  t.equal(memory.used, 0)
})

t.test('without spilling, received chunks are held anyway', async t => {
  const memory = new Memory(100_000)
  const backlog = new Backlog('/dev/null/none', memory.share())
  t.equal(backlog.push(data, false), undefined)
  t.equal(memory.used, 300_000)
  t.equal(backlog.share.fits(1), false)
  await backlog.close()
  t.equal(memory.used, 0)
  t.ok(data.equals(await rest(backlog)), 'it can still be taken')
  t.equal(memory.used, 0)
})

t.test('a file that cannot be written is an error when its bytes are taken', async t => {
  const memory = new Memory(100_000)
  const backlog = new Backlog('/dev/null/none', memory.share())
  t.equal(backlog.push(Buffer.from(data.subarray(0, 50_000)), true), undefined)
  t.match(await failureOf(backlog.push(data, true)!), { code: 'ENOTDIR' })
  t.equal((await backlog.shift())!.length, 50_000)
  t.match(await failureOf(backlog.shift()), { code: 'ENOTDIR' })
  await backlog.close()
  t.equal(backlog.size, 0)
})

t.test('close leaves no file behind, even during a write', async t => {
  const local = await localFolder(t)
  const backlog = new Backlog(local(), new Memory(1).share())
  for (const piece of chunks(50_000)) void backlog.push(piece, true)
  await backlog.shift()
  const shifting = backlog.shift()
  await backlog.close()
  t.equal(await shifting, undefined)
  t.equal(backlog.share.held, 0)
  t.same([backlog.size, await backlog.shift(), await readdir(local())], [0, undefined, []])
})
