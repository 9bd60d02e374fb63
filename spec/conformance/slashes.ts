import assert from 'node:assert/strict'
import { casesOf, type Env } from './case.js'
import { rejects } from './expect.js'
import { failureOf } from './streams.js'

type Call = (fs: Env['fs'], path: string, other: string) => Promise<unknown>

/** What may be done with a file; its path ends with a slash here. */
const calls: Record<string, Call> = {
  'access of': (fs, path) => fs.access(path),
  'chmod of': (fs, path) => fs.chmod(path, 0o600),
  'copyFile of': (fs, path, other) => fs.copyFile(path, other),
  'cp of': (fs, path, other) => fs.cp(path, other),
  'createReadStream of': async (fs, path) => {
    throw await failureOf(fs.createReadStream(path))
  },
  'mkdir, recursive, of': (fs, path) => fs.mkdir(path, { recursive: true }),
  'readFile of': (fs, path) => fs.readFile(path),
  'readdir of': (fs, path) => fs.readdir(path),
  'realpath of': (fs, path) => fs.realpath(path),
  'rename of': (fs, path, other) => fs.rename(path, other),
  'rm of': (fs, path) => fs.rm(path, { force: true }),
  'rmdir of': (fs, path) => fs.rmdir(path),
  'truncate of': (fs, path) => fs.truncate(path),
  'unlink of': (fs, path) => fs.unlink(path),
  'utimes of': (fs, path) => fs.utimes(path, 1, 1),
  'writeFile, flag r+, to': (fs, path) => fs.writeFile(path, 'new', { flag: 'r+' }),
}

/** A path that ends with a slash can only name a folder. */
export const slashes = casesOf('slashes', test => {
  for (const [name, call] of Object.entries(calls)) {
    test(`${name} a file, by a path that ends with a slash, is ENOTDIR and changes nothing`, async env => {
      const { fs, at, dir } = env
      await fs.writeFile(at('file'), 'x')
      await rejects(call(fs, `${at('file')}/`, at('other')), 'ENOTDIR')
      assert.deepEqual(await fs.readdir(dir), ['file'])
      assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
    })
  }

  test('rename of a file to a path that ends with a slash is ENOTDIR', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.rename(at('file'), `${at('new')}/`), 'ENOTDIR')
    assert.deepEqual(await fs.readdir(dir), ['file'])
  })

  test('rename of a folder to such a path', async ({ fs, at, dir }) => {
    await fs.mkdir(at('old'))
    await fs.rename(`${at('old')}/`, `${at('new')}/`)
    assert.deepEqual(await fs.readdir(dir), ['new'])
  })

  test('copyFile to such a path is EISDIR and makes nothing', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.copyFile(at('file'), `${at('new')}/`), 'EISDIR')
    assert.deepEqual(await fs.readdir(dir), ['file'])
  })

  test('cp of a file to such a path makes and changes nothing', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.writeFile(at('other'), 'y')
    await rejects(fs.cp(at('file'), `${at('new')}/`), 'EISDIR')
    await rejects(fs.cp(at('file'), `${at('other')}/`), 'ENOTDIR')
    assert.deepEqual((await fs.readdir(dir)).sort(), ['file', 'other'])
    assert.equal(await fs.readFile(at('other'), 'utf8'), 'y')
  })

  test('cp of a link to a folder by such a path copies the folder', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await outside.symlink('folder', out(at('link')))
    await fs.cp(`${at('link')}/`, `${at('new')}/`, { recursive: true })
    assert.equal((await outside.lstat(out(at('new')))).isSymbolicLink(), false)
    assert.equal(await fs.readFile(at('new', 'file'), 'utf8'), 'x')
  })

  test('unlink of a folder by such a path is EISDIR', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.unlink(`${at('folder')}/`), 'EISDIR')
  })

  test('unlink of a link to a folder by such a path is ENOTDIR', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await outside.symlink('folder', out(at('link')))
    await rejects(fs.unlink(`${at('link')}/`), 'ENOTDIR')
    assert.ok((await outside.lstat(out(at('link')))).isSymbolicLink())
  })

  test('rm of a link by such a path says what is behind it, and keeps it', async env => {
    const { fs, at, dir, outside, out } = env
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    await outside.symlink('folder', out(at('to folder')))
    await outside.symlink('file', out(at('to file')))
    await rejects(fs.rm(`${at('to folder')}/`), 'ERR_FS_EISDIR')
    await rejects(fs.rm(`${at('to file')}/`, { force: true }), 'ENOTDIR')
    assert.deepEqual((await fs.readdir(dir)).sort(), ['file', 'folder', 'to file', 'to folder'])
  })

  test('writing to such a path in a missing folder is ENOENT, below a file ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.writeFile(`${at('missing', 'new')}/`, 'x'), 'ENOENT')
    await rejects(fs.writeFile(`${at('missing')}/`, 'x', { flag: 'r+' }), 'ENOENT')
    await rejects(fs.writeFile(`${at('file', 'new')}/`, 'x'), 'ENOTDIR')
  })
})
