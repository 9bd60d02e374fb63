import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const utimes = casesOf('utimes', test => {
  const then = new Date('2021-03-04T05:06:07Z')

  test('sets mtime to a second in the past', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.utimes(at('file'), then, then), undefined)
    assert.equal((await fs.stat(at('file'))).mtime.toISOString(), then.toISOString())
  })

  test('takes seconds since 1970, as a number and as a string', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.utimes(at('file'), 1_000_000_000, 1_000_000_000)
    assert.equal((await fs.stat(at('file'))).mtime.toISOString(), '2001-09-09T01:46:40.000Z')
    await fs.utimes(at('file'), '1500000000', '1500000000')
    assert.equal((await fs.stat(at('file'))).mtime.toISOString(), '2017-07-14T02:40:00.000Z')
  })

  test('a summer and a winter day keep their hour', async ({ fs, at }) => {
    for (const day of ['2022-01-15T12:34:56Z', '2022-07-15T12:34:56Z']) {
      await fs.writeFile(at('file'), 'x')
      await fs.utimes(at('file'), new Date(day), new Date(day))
      assert.equal((await fs.stat(at('file'))).mtimeMs, Date.parse(day))
    }
  })

  test('changes neither the bytes nor the size', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'kept')
    await fs.utimes(at('file'), then, then)
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'kept')
  })

  test('a missing file is ENOENT and makes nothing', async ({ fs, at, dir }) => {
    await rejects(fs.utimes(at('missing'), then, then), 'ENOENT')
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.utimes(at('file', 'below'), then, then), 'ENOTDIR')
  })
})

export const chmod = casesOf('chmod', test => {
  test('lstat sees the mode of a file', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    for (const mode of [0o600, 0o644, 0o755]) {
      assert.equal(await fs.chmod(at('file'), mode), undefined)
      assert.equal((await fs.lstat(at('file'))).mode & 0o777, mode)
    }
  })

  test('takes an octal string', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.chmod(at('file'), '640')
    assert.equal((await fs.lstat(at('file'))).mode & 0o777, 0o640)
  })

  test('the mode of a folder', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.chmod(at('folder'), 0o700)
    const stats = await fs.lstat(at('folder'))
    assert.equal(stats.mode & 0o777, 0o700)
    assert.equal(stats.isDirectory(), true)
  })

  test('is there for everybody who looks', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.chmod(at('file'), 0o604)
    assert.equal((await outside.lstat(out(at('file')))).mode & 0o777, 0o604)
  })

  test('a missing file is ENOENT', async ({ fs, at }) => {
    await rejects(fs.chmod(at('missing'), 0o600), 'ENOENT')
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.chmod(at('file', 'below'), 0o600), 'ENOTDIR')
  })

  test('a mode that is none is ERR_INVALID_ARG_VALUE', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.chmod(at('file'), 'rwx'), 'ERR_INVALID_ARG_VALUE')
  })
})
