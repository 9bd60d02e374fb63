import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const rename = casesOf('rename', test => {
  test('a file', async ({ fs, at, dir }) => {
    await fs.writeFile(at('old'), 'x')
    assert.equal(await fs.rename(at('old'), at('new')), undefined)
    assert.deepEqual(await fs.readdir(dir), ['new'])
    assert.equal(await fs.readFile(at('new'), 'utf8'), 'x')
  })

  test('a file into another folder', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    await fs.rename(at('file'), at('folder', 'moved'))
    assert.equal(await fs.readFile(at('folder', 'moved'), 'utf8'), 'x')
    await rejects(fs.stat(at('file')), 'ENOENT')
  })

  test('a file over a file replaces it', async ({ fs, at, dir }) => {
    await fs.writeFile(at('old'), 'new content')
    await fs.writeFile(at('new'), 'old content')
    await fs.rename(at('old'), at('new'))
    assert.deepEqual(await fs.readdir(dir), ['new'])
    assert.equal(await fs.readFile(at('new'), 'utf8'), 'new content')
  })

  test('onto itself changes nothing', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.mkdir(at('folder'))
    await fs.rename(at('file'), at('file'))
    await fs.rename(at('folder'), at('folder'))
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
    assert.ok((await fs.stat(at('folder'))).isDirectory())
  })

  test('a folder with all it holds', async ({ fs, at }) => {
    await fs.mkdir(at('old', 'sub'), { recursive: true })
    await fs.writeFile(at('old', 'sub', 'file'), 'x')
    await fs.rename(at('old'), at('new'))
    assert.equal(await fs.readFile(at('new', 'sub', 'file'), 'utf8'), 'x')
    await rejects(fs.readdir(at('old')), 'ENOENT')
  })

  test('a folder over an empty folder', async ({ fs, at, dir }) => {
    await fs.mkdir(at('old'))
    await fs.writeFile(at('old', 'file'), 'x')
    await fs.mkdir(at('new'))
    await fs.rename(at('old'), at('new'))
    assert.deepEqual(await fs.readdir(dir), ['new'])
    assert.deepEqual(await fs.readdir(at('new')), ['file'])
  })

  test('a folder over one that is not empty is ENOTEMPTY', async ({ fs, at }) => {
    await fs.mkdir(at('old'))
    await fs.mkdir(at('new'))
    await fs.writeFile(at('new', 'file'), 'x')
    await rejects(fs.rename(at('old'), at('new')), 'ENOTEMPTY')
    assert.deepEqual(await fs.readdir(at('new')), ['file'])
  })

  test('a file over a folder is EISDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.mkdir(at('folder'))
    await rejects(fs.rename(at('file'), at('folder')), 'EISDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a folder over a file is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.mkdir(at('folder'))
    await rejects(fs.rename(at('folder'), at('file')), 'ENOTDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('onto the folder that it is in is ENOTEMPTY', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await rejects(fs.rename(at('folder', 'file'), at('folder')), 'ENOTEMPTY')
  })

  test('a missing source to below a file is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.rename(at('missing'), at('file', 'new')), 'ENOTDIR')
  })

  test('a missing source is ENOENT', async ({ fs, at, dir }) => {
    await rejects(fs.rename(at('missing'), at('new')), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a missing source leaves the target as it is', async ({ fs, at }) => {
    await fs.writeFile(at('new'), 'kept')
    await rejects(fs.rename(at('missing'), at('new')), 'ENOENT')
    assert.equal(await fs.readFile(at('new'), 'utf8'), 'kept')
  })

  test('a missing target folder is ENOENT and keeps the file', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.rename(at('file'), at('missing', 'new')), 'ENOENT')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a file on the way of either is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.writeFile(at('other'), 'y')
    await rejects(fs.rename(at('file'), at('other', 'new')), 'ENOTDIR')
    await rejects(fs.rename(at('file', 'below'), at('new')), 'ENOTDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a folder into itself is EINVAL', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.rename(at('folder'), at('folder', 'below')), 'EINVAL')
    assert.ok((await fs.stat(at('folder'))).isDirectory())
  })

  test('a link is renamed itself', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'x')
    await outside.symlink('file', out(at('link')))
    await fs.rename(at('link'), at('renamed'))
    assert.ok((await outside.lstat(out(at('renamed')))).isSymbolicLink())
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })
})
