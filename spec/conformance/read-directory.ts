import assert from 'node:assert/strict'
import type { Dirent } from 'node:fs'
import { casesOf } from './case.js'
import { rejects } from './expect.js'
import type { FsUnderTest } from './target.js'

/** A small tree: two files, one of them hidden, and folders three deep. */
async function plant(fs: FsUnderTest, at: (...names: string[]) => string): Promise<void> {
  await fs.mkdir(at('a', 'b', 'empty'), { recursive: true })
  await fs.writeFile(at('a', 'one'), '1')
  await fs.writeFile(at('a', 'b', 'two'), '22')
  await fs.writeFile(at('.hidden'), '333')
}

/** The folder an entry was found in: `parentPath` since Node 20.12, `path` before. */
const parentOf = (entry: Dirent): string => entry.parentPath ?? entry.path

const kindOf = (entry: Dirent): string =>
  entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other'

export const readDirectory = casesOf('readdir', test => {
  test('an empty folder is an empty array', async ({ fs, dir }) => {
    assert.deepEqual(await fs.readdir(dir), [])
    assert.deepEqual(await fs.readdir(dir, { withFileTypes: true }), [])
    assert.deepEqual(await fs.readdir(dir, { recursive: true }), [])
  })

  test('names of files and folders, dot files too, without . and ..', async ({ fs, at, dir }) => {
    await plant(fs, at)
    assert.deepEqual((await fs.readdir(dir)).sort(), ['.hidden', 'a'])
    assert.deepEqual((await fs.readdir(at('a'))).sort(), ['b', 'one'])
  })

  test('a folder whose own name begins with a dot', async ({ fs, at }) => {
    await fs.mkdir(at('.config'))
    await fs.writeFile(at('.config', '.rc'), 'x')
    assert.deepEqual(await fs.readdir(at('.config')), ['.rc'])
  })

  test('a folder of nothing but dot files is not empty', async ({ fs, at, dir }) => {
    await fs.writeFile(at('.a'), '')
    await fs.mkdir(at('.b'))
    assert.deepEqual((await fs.readdir(dir)).sort(), ['.a', '.b'])
  })

  test('withFileTypes says what each entry is and where', async ({ fs, at, dir }) => {
    await plant(fs, at)
    const entries = await fs.readdir(dir, { withFileTypes: true })
    assert.deepEqual(entries.map(entry => `${kindOf(entry)} ${entry.name}`).sort(), [
      'file .hidden',
      'folder a',
    ])
    for (const entry of entries) {
      assert.equal(parentOf(entry), dir)
      assert.equal(
        entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO() || entry.isSocket(),
        false,
      )
    }
  })

  test('recursive gives paths below the folder', async ({ fs, at, dir }) => {
    await plant(fs, at)
    assert.deepEqual((await fs.readdir(dir, { recursive: true })).sort(), [
      '.hidden',
      'a',
      'a/b',
      'a/b/empty',
      'a/b/two',
      'a/one',
    ])
  })

  test('recursive with withFileTypes', async ({ fs, at, dir }) => {
    await plant(fs, at)
    const entries = await fs.readdir(dir, { recursive: true, withFileTypes: true })
    assert.deepEqual(entries.map(entry => `${kindOf(entry)} ${parentOf(entry)}/${entry.name}`).sort(), [
      `file ${at('.hidden')}`,
      `file ${at('a', 'b', 'two')}`,
      `file ${at('a', 'one')}`,
      `folder ${at('a')}`,
      `folder ${at('a', 'b')}`,
      `folder ${at('a', 'b', 'empty')}`,
    ])
  })

  test('encoding buffer gives the bytes of the names', async ({ fs, at, dir }) => {
    await fs.writeFile(at('é'), '')
    assert.deepEqual(await fs.readdir(dir, 'buffer'), [Buffer.from('é')])
    assert.deepEqual(await fs.readdir(dir, { encoding: 'buffer' }), [Buffer.from('é')])
  })

  test('encoding buffer with withFileTypes', async ({ fs, at, dir }) => {
    await fs.mkdir(at('é'))
    const options = { encoding: 'buffer', withFileTypes: true } as unknown as { withFileTypes: true }
    const [entry] = await fs.readdir(dir, options)
    assert.deepEqual(entry?.name, Buffer.from('é'))
    assert.equal(entry.isDirectory(), true)
  })

  test('another encoding is of the bytes of the names', async ({ fs, at, dir }) => {
    await fs.writeFile(at('é'), '')
    assert.deepEqual(await fs.readdir(dir, 'utf8'), ['é'])
    assert.deepEqual(await fs.readdir(dir, { encoding: 'hex' }), ['c3a9'])
  })

  test('a path that ends with a slash', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), '')
    assert.deepEqual(await fs.readdir(dir + '/'), ['file'])
  })

  test('a link is listed as a link, and recursive with withFileTypes does not follow it', async ({
    fs,
    at,
    dir,
    outside,
    out,
  }) => {
    await fs.mkdir(at('real'))
    await fs.writeFile(at('real', 'file'), 'x')
    await outside.symlink('real', out(at('link')))
    const entries = await fs.readdir(dir, { withFileTypes: true })
    assert.deepEqual(entries.map(entry => `${kindOf(entry)} ${entry.name}`).sort(), [
      'folder real',
      'link link',
    ])
    const below = await fs.readdir(dir, { recursive: true, withFileTypes: true })
    assert.deepEqual(below.map(entry => entry.name).sort(), ['file', 'link', 'real'])
  })

  test('recursive with withFileTypes ends where links lead in a circle', async ({
    fs,
    dir,
    at,
    outside,
    out,
  }) => {
    for (const [name, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      await fs.mkdir(at(name))
      await outside.symlink(`../${other}`, out(at(name, 'link')))
    }
    const all = await fs.readdir(dir, { recursive: true, withFileTypes: true })
    assert.deepEqual(all.map(({ name }) => name).sort(), ['a', 'b', 'link', 'link'])
  })

  test('a folder behind a link is listed', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('real'))
    await fs.writeFile(at('real', 'file'), 'x')
    await outside.symlink('real', out(at('link')))
    assert.deepEqual(await fs.readdir(at('link')), ['file'])
  })

  test('a link that leads nowhere is listed', async ({ fs, at, dir, outside, out }) => {
    await outside.symlink('nowhere', out(at('broken')))
    await fs.writeFile(at('file'), '')
    assert.deepEqual((await fs.readdir(dir)).sort(), ['broken', 'file'])
  })

  test('five hundred entries, each once', async ({ fs, at, dir, outside, out }) => {
    const names = Array.from({ length: 500 }, (_, i) => `entry ${String(i).padStart(3, '0')}`)
    for (const name of names) await outside.writeFile(out(at(name)), '')
    assert.deepEqual((await fs.readdir(dir)).sort(), names)
  })

  test('a missing folder is ENOENT', async ({ fs, at }) => {
    await rejects(fs.readdir(at('missing')), 'ENOENT')
    await rejects(fs.readdir(at('missing'), { withFileTypes: true }), 'ENOENT')
    await rejects(fs.readdir(at('missing'), { recursive: true }), 'ENOENT')
    await rejects(fs.readdir(at('missing', 'below')), 'ENOENT')
  })

  test('a file is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.readdir(at('file')), 'ENOTDIR')
    await rejects(fs.readdir(at('file'), { withFileTypes: true }), 'ENOTDIR')
    await rejects(fs.readdir(at('file'), { recursive: true }), 'ENOTDIR')
    await rejects(fs.readdir(at('file', 'below')), 'ENOTDIR')
  })
})
