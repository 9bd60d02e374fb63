import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const realpath = casesOf('realpath', test => {
  test('of a file and of a folder', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.realpath(at('file')), at('file'))
    assert.equal(await fs.realpath(dir), dir)
  })

  test('takes out . and .. and doubled slashes', async ({ fs, at, dir }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.realpath(`${dir}/./folder//../file`), at('file'))
    assert.equal(await fs.realpath(`${dir}/folder/`), at('folder'))
    assert.equal(await fs.realpath(`${dir}/folder/..`), dir)
  })

  test('of the root', async ({ fs }) => {
    assert.equal(await fs.realpath('/'), '/')
    assert.equal(await fs.realpath('/..'), '/')
  })

  test('encoding buffer gives a Buffer', async ({ fs, dir }) => {
    assert.deepEqual(await fs.realpath(dir, 'buffer'), Buffer.from(dir))
    assert.deepEqual(await fs.realpath(dir, { encoding: 'buffer' }), Buffer.from(dir))
  })

  test('of a link to a folder is where it leads', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await outside.symlink('folder', out(at('link')))
    assert.equal(await fs.realpath(at('link')), at('folder'))
    assert.equal(await fs.realpath(at('link', 'file')), at('folder', 'file'))
  })

  test('of a link to a file is where it leads', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await outside.symlink('folder/file', out(at('link')))
    assert.equal(await fs.realpath(at('link')), at('folder', 'file'))
  })

  test('a missing path is ENOENT', async ({ fs, at }) => {
    await rejects(fs.realpath(at('missing')), 'ENOENT')
    await rejects(fs.realpath(at('missing', 'below')), 'ENOENT')
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.realpath(at('file', 'below')), 'ENOTDIR')
  })
})
