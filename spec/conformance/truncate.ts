import assert from 'node:assert/strict'
import { bytes } from './bytes.js'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const truncate = casesOf('truncate', test => {
  test('cuts a file', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'hello world')
    assert.equal(await fs.truncate(at('file'), 5), undefined)
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'hello')
  })

  test('cuts to nothing by default', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'hello')
    await fs.truncate(at('file'))
    assert.equal((await fs.stat(at('file'))).size, 0)
  })

  test('fills a longer file with zeros', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'hi')
    await fs.truncate(at('file'), 5)
    assert.deepEqual(await fs.readFile(at('file')), Buffer.from('hi\0\0\0'))
  })

  test('the same length changes nothing', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'hello')
    await fs.truncate(at('file'), 5)
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'hello')
  })

  test('cuts and fills an empty file', async ({ fs, at }) => {
    await fs.writeFile(at('file'), '')
    await fs.truncate(at('file'), 0)
    assert.equal((await fs.stat(at('file'))).size, 0)
    await fs.truncate(at('file'), 3)
    assert.deepEqual(await fs.readFile(at('file')), Buffer.alloc(3))
  })

  test('cuts in the middle of many bytes', async ({ fs, at }) => {
    const data = bytes(300_000)
    await fs.writeFile(at('big'), data)
    await fs.truncate(at('big'), 123_457)
    assert.ok(data.subarray(0, 123_457).equals(await fs.readFile(at('big'))))
  })

  test('a missing file is ENOENT and makes nothing', async ({ fs, at, dir }) => {
    await rejects(fs.truncate(at('missing')), 'ENOENT')
    await rejects(fs.truncate(at('missing'), 5), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.truncate(at('file', 'below')), 'ENOTDIR')
  })

  test('a folder is EISDIR', async ({ fs, dir }) => {
    await rejects(fs.truncate(dir), 'EISDIR')
  })
})
