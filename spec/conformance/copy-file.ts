import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import { bytes, MIB } from './bytes.js'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const copyFile = casesOf('copyFile', test => {
  test('copies the bytes and keeps the source', async ({ fs, at }) => {
    const data = bytes(MIB)
    await fs.writeFile(at('from'), data)
    assert.equal(await fs.copyFile(at('from'), at('to')), undefined)
    assert.ok(data.equals(await fs.readFile(at('to'))))
    assert.ok(data.equals(await fs.readFile(at('from'))))
  })

  test('copies an empty file', async ({ fs, at }) => {
    await fs.writeFile(at('from'), '')
    await fs.copyFile(at('from'), at('to'))
    assert.equal((await fs.stat(at('to'))).size, 0)
  })

  test('copies into another folder', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('from'), 'x')
    await fs.copyFile(at('from'), at('folder', 'to'))
    assert.equal(await fs.readFile(at('folder', 'to'), 'utf8'), 'x')
  })

  test('replaces a longer file', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'short')
    await fs.writeFile(at('to'), 'something longer')
    await fs.copyFile(at('from'), at('to'))
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'short')
  })

  test('onto itself leaves the file as it is', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'kept')
    await fs.copyFile(at('file'), at('file'))
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'kept')
  })

  test('COPYFILE_EXCL makes a new file', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await fs.copyFile(at('from'), at('to'), constants.COPYFILE_EXCL)
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'x')
  })

  test('COPYFILE_EXCL onto a file is EEXIST and keeps it', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'new')
    await fs.writeFile(at('to'), 'old')
    await rejects(fs.copyFile(at('from'), at('to'), constants.COPYFILE_EXCL), 'EEXIST')
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'old')
  })

  test('COPYFILE_EXCL onto a folder or onto itself is EEXIST', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await fs.mkdir(at('folder'))
    await rejects(fs.copyFile(at('from'), at('folder'), constants.COPYFILE_EXCL), 'EEXIST')
    await rejects(fs.copyFile(at('from'), at('from'), constants.COPYFILE_EXCL), 'EEXIST')
  })

  test('COPYFILE_FICLONE falls back to a copy', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await fs.copyFile(at('from'), at('to'), constants.COPYFILE_FICLONE)
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'x')
  })

  test('a missing source is ENOENT and makes nothing', async ({ fs, at, dir }) => {
    await rejects(fs.copyFile(at('missing'), at('to')), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a missing source leaves the target as it is', async ({ fs, at }) => {
    await fs.writeFile(at('to'), 'kept')
    await rejects(fs.copyFile(at('missing'), at('to')), 'ENOENT')
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'kept')
  })

  test('a missing target folder is ENOENT', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await rejects(fs.copyFile(at('from'), at('missing', 'to')), 'ENOENT')
  })

  test('a file on the way of either is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await rejects(fs.copyFile(at('from'), at('from', 'to')), 'ENOTDIR')
    await rejects(fs.copyFile(at('from', 'below'), at('to')), 'ENOTDIR')
  })

  test('onto a folder is EISDIR', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await fs.mkdir(at('folder'))
    await rejects(fs.copyFile(at('from'), at('folder')), 'EISDIR')
  })

  test('of a folder is EISDIR', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.copyFile(at('folder'), at('to')), 'EISDIR')
  })
})
