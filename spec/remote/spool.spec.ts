import { mkdtemp, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Memory } from '../../lib/remote/memory.js'
import { Spool } from '../../lib/remote/spool.js'
import { bytes, failureOf, MIB } from './scripted-vfs.js'

async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ftp-vfs-spec-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

async function all(spool: Spool, position?: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of spool.read(position)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

for (const [title, length] of [
  ['in memory', 300_000],
  ['in a file', 3 * MIB + 5],
] as const) {
  t.test(`${title}: bytes come back as they were, as often as asked, from anywhere`, async t => {
    const data = bytes(length)
    const spool = new Spool(await folder(t))
    const chunk = Buffer.alloc(10_000)
    for (let at = 0; at < length; at += chunk.length) {
      const part = data.subarray(at, at + chunk.length)
      part.copy(chunk)
      // The next chunk reuses its memory.
      await spool.append(chunk.subarray(0, part.length))
    }
    t.equal(spool.size, length)
    t.ok(data.equals(await all(spool)))
    t.ok(data.equals(await all(spool)))
    for (const position of [1, 65_536, 100_001, length - 1, length, length + 1]) {
      t.ok(data.subarray(position).equals(await all(spool, position)), `from ${position}`)
    }
    await spool.dispose()
  })

  t.test(`${title}: bytes may overwrite others, or follow a gap of zeros`, async t => {
    const data = bytes(length)
    const spool = new Spool(await folder(t))
    await spool.append(data)
    await spool.write(Buffer.from('over'), 1000)
    await spool.write(Buffer.from('behind'), length + 3)
    const expected = Buffer.concat([data, Buffer.alloc(3), Buffer.from('behind')])
    expected.write('over', 1000)
    t.ok(expected.equals(await all(spool)))
    t.equal(spool.size, expected.length)
    await spool.dispose()
  })
}

t.test('it is full at 1 MiB, and creates no file before', async t => {
  const directory = join(await folder(t), 'none')
  const spool = new Spool(directory)
  await spool.append(Buffer.alloc(MIB - 1))
  t.equal(spool.full, false)
  await spool.append(Buffer.alloc(1))
  t.equal(spool.full, true)
  t.match(await failureOf(spool.append(Buffer.alloc(1))), { code: 'ENOENT' }, 'the directory is missing')
  await spool.dispose()
})

t.test(
  'it holds no more memory than there is room for: the rest, and what it held, is in the file',
  async t => {
    const memory = new Memory(400_000)
    const data = bytes(500_000)
    const directory = await folder(t)
    const [one, two] = [1, 2].map(() => new Spool(directory, MIB, memory.share())) as [Spool, Spool]
    await one.append(data.subarray(0, 100_000))
    await one.append(data.subarray(100_000, 150_000))
    t.equal(memory.used, 200_000, 'with the room for more')
    await two.append(data.subarray(0, 90_000))
    t.equal(memory.used, 290_000)
    await one.append(data.subarray(150_000))
    t.equal(memory.used, 90_000)
    t.equal(one.full, false, 'it is not full before as much has come')
    await two.append(data.subarray(90_000))
    t.ok(data.equals(await all(one)))
    t.ok(data.equals(await all(two)))
    await one.forget(3 * 65_536 + 1)
    t.ok(data.subarray(3 * 65_536).equals(await all(one, 3 * 65_536)))
    await one.dispose()
    await two.append(data)
    await two.dispose()
    t.equal(memory.used, 0)
    await two.append(data.subarray(0, 10))
    t.equal(memory.used, 10)
    await two.dispose()
  },
)

t.test(
  'its file has no name, so that nothing is left behind',
  { skip: process.platform === 'win32' && 'Windows' },
  async t => {
    const directory = await folder(t)
    const spool = new Spool(directory)
    await spool.append(Buffer.alloc(2 * MIB))
    t.same(await readdir(directory), [])
    await spool.dispose()
    t.equal((await all(new Spool(directory))).length, 0)
  },
)

t.test('a full disk: the bytes in memory stay, and go to the file later', async t => {
  const directory = await folder(t)
  const spool = new Spool(directory, 10)
  await spool.append(Buffer.from('memory'))
  const other = await open(join(directory, 'other'), 'w')
  const handles = Object.getPrototypeOf(other) as FileHandle
  const { write } = handles
  t.teardown(() => Object.assign(handles, { write }))
  await other.close()
  Object.assign(handles, { write: () => Promise.reject(new Error('ENOSPC: no space left on device')) })
  t.match(await failureOf(spool.append(Buffer.from(' and file'))), { message: /ENOSPC/ })
  Object.assign(handles, { write })
  t.equal(String(await all(spool)), 'memory')
  await spool.append(Buffer.from(' and file'))
  t.equal(String(await all(spool)), 'memory and file')
  await spool.dispose()
  t.same(await readdir(directory), ['other'])
})
