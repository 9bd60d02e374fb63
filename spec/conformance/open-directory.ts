import assert from 'node:assert/strict'
import type { Dir, Dirent } from 'node:fs'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

/** Before Node 24, `read` of a closed folder throws at once. */
const readFrom = async (folder: Dir): Promise<Dirent | null> => folder.read()

export const openDirectory = casesOf('opendir', test => {
  test('for await gives every entry once', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.mkdir(at('folder'))
    const found: string[] = []
    for await (const entry of await fs.opendir(dir)) {
      found.push(`${entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other'} ${entry.name}`)
    }
    assert.deepEqual(found.sort(), ['file file', 'folder folder'])
  })

  test('for await of an empty folder gives nothing', async ({ fs, dir }) => {
    for await (const entry of await fs.opendir(dir)) assert.fail(`found ${entry.name}`)
  })

  test('for await closes the folder at its end', async ({ fs, dir }) => {
    const folder = await fs.opendir(dir)
    for await (const entry of folder) assert.fail(`found ${entry.name}`)
    await rejects(folder.close(), 'ERR_DIR_CLOSED')
  })

  test('leaving the loop early closes the folder', async ({ fs, at, dir }) => {
    for (const name of ['a', 'b', 'c']) await fs.writeFile(at(name), '')
    const folder = await fs.opendir(dir)
    for await (const entry of folder) {
      assert.ok(['a', 'b', 'c'].includes(entry.name))
      break
    }
    await rejects(readFrom(folder), 'ERR_DIR_CLOSED')
    assert.equal((await fs.readdir(dir)).length, 3)
  })

  test('read gives one entry after the other, then null', async ({ fs, at, dir }) => {
    for (const name of ['a', 'b', 'c']) await fs.writeFile(at(name), '')
    const folder = await fs.opendir(dir)
    const found: string[] = []
    for (let entry = await folder.read(); entry; entry = await folder.read()) found.push(entry.name)
    assert.deepEqual(found.sort(), ['a', 'b', 'c'])
    assert.equal(await folder.read(), null)
    assert.equal(await folder.close(), undefined)
  })

  test('read and close take callbacks too', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), '')
    const folder = await fs.opendir(dir)
    const name = await new Promise((resolve, reject) => {
      folder.read((error, entry) => (error ? reject(error) : resolve(entry?.name)))
    })
    assert.equal(name, 'file')
    await new Promise<void>((resolve, reject) => folder.close(error => (error ? reject(error) : resolve())))
    await rejects(folder.close(), 'ERR_DIR_CLOSED')
  })

  test('path is the path it was opened with', async ({ fs, dir }) => {
    const folder = await fs.opendir(dir)
    assert.equal(folder.path, dir)
    await folder.close()
  })

  test('a closed folder answers ERR_DIR_CLOSED', async ({ fs, dir }) => {
    const folder = await fs.opendir(dir)
    await folder.close()
    await rejects(readFrom(folder), 'ERR_DIR_CLOSED')
    await rejects(folder.close(), 'ERR_DIR_CLOSED')
  })

  test('entries know the folder they lie in', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), '')
    for await (const entry of await fs.opendir(dir)) assert.equal(entry.parentPath ?? entry.path, dir)
  })

  test('encoding buffer gives the bytes of the names', async ({ fs, at, dir }) => {
    await fs.writeFile(at('é'), '')
    const folder = await fs.opendir(dir, { encoding: 'buffer' as BufferEncoding })
    assert.deepEqual((await folder.read())?.name, Buffer.from('é'))
    await folder.close()
  })

  test('recursive goes through the whole tree', async ({ fs, at, dir }) => {
    await fs.mkdir(at('a', 'b'), { recursive: true })
    await fs.writeFile(at('a', 'b', 'file'), '')
    const found: string[] = []
    for await (const entry of await fs.opendir(dir, { recursive: true })) {
      found.push(`${entry.parentPath ?? entry.path}/${entry.name}`)
    }
    assert.deepEqual(found.sort(), [at('a'), at('a', 'b'), at('a', 'b', 'file')])
  })

  test('bufferSize changes nothing in what is found', async ({ fs, at, dir }) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await fs.writeFile(at(name), '')
    const found: string[] = []
    for await (const entry of await fs.opendir(dir, { bufferSize: 2 })) found.push(entry.name)
    assert.deepEqual(found.sort(), ['a', 'b', 'c', 'd', 'e'])
  })

  test('other calls work while a folder is open', async ({ fs, at, dir }) => {
    for (const name of ['a', 'b', 'c']) await fs.writeFile(at(name), name)
    let read = ''
    for await (const entry of await fs.opendir(dir)) read += await fs.readFile(at(entry.name), 'utf8')
    assert.equal([...read].sort().join(''), 'abc')
  })

  test('ten folders may be open at once', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), '')
    const folders = await Promise.all(Array.from({ length: 10 }, () => fs.opendir(dir)))
    for (const folder of folders) assert.equal((await folder.read())?.name, 'file')
    for (const folder of folders) await folder.close()
  })

  test('a missing folder is ENOENT', async ({ fs, at }) => {
    await rejects(fs.opendir(at('missing')), 'ENOENT')
  })

  test('a file is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.opendir(at('file')), 'ENOTDIR')
  })
})
