import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejection, rejects } from './expect.js'

export const symlink = casesOf('symlink', test => {
  test('a link to a file, by its absolute path', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.symlink(at('file'), at('link'))
    assert.equal(await fs.readFile(at('link'), 'utf8'), 'x')
    assert.equal(await fs.readlink(at('link')), at('file'))
    assert.equal((await fs.lstat(at('link'))).isSymbolicLink(), true)
  })

  test('a link to a folder', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await fs.symlink(at('folder'), at('link'), 'dir')
    assert.deepEqual(await fs.readdir(at('link')), ['file'])
    assert.equal(await fs.readlink(at('link')), at('folder'))
    assert.equal((await fs.lstat(at('link'))).isSymbolicLink(), true)
  })

  test('a relative target counts from the folder of the link', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    await fs.symlink('../file', at('folder', 'link'))
    assert.equal(await fs.realpath(at('folder', 'link')), at('file'))
  })

  test('a relative target stays relative', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.symlink('file', at('link'))
    assert.equal(await fs.readlink(at('link')), 'file')
  })

  test('a link to nothing', async ({ fs, at }) => {
    await fs.symlink(at('nothing'), at('link'))
    assert.equal(await fs.readlink(at('link')), at('nothing'))
  })

  test('names with spaces', async ({ fs, at }) => {
    await fs.writeFile(at('a  b'), 'x')
    await fs.symlink(at('a  b'), at(' c "d" '))
    assert.equal(await fs.readlink(at(' c "d" ')), at('a  b'))
  })

  test('what is there is EEXIST, and stays', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.mkdir(at('folder'))
    await outside.symlink('nothing', out(at('link')))
    for (const name of ['file', 'folder', 'link']) await rejects(fs.symlink(at('file'), at(name)), 'EEXIST')
    const error = await rejection(fs.symlink(at('file'), at('folder')))
    assert.equal(error.message, `EEXIST: file already exists, symlink '${at('file')}' -> '${at('folder')}'`)
    assert.equal(error.dest, at('folder'))
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a missing folder is ENOENT, a file on the way ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.symlink(at('file'), at('missing', 'link')), 'ENOENT')
    await rejects(fs.symlink(at('file'), at('file', 'link')), 'ENOTDIR')
  })
})

export const readlink = casesOf('readlink', test => {
  test('of links that lead to a file, a folder, and nowhere', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    const targets = { 'folder/up': '../file', 'to folder': 'folder', broken: 'nothing here' }
    for (const [name, target] of Object.entries(targets)) await outside.symlink(target, out(at(name)))
    for (const [name, target] of Object.entries(targets)) assert.equal(await fs.readlink(at(name)), target)
  })

  test('encoding buffer gives a Buffer', async ({ fs, at, outside, out }) => {
    await outside.symlink('file', out(at('link')))
    assert.deepEqual(await fs.readlink(at('link'), 'buffer'), Buffer.from('file'))
    assert.deepEqual(await fs.readlink(at('link'), { encoding: 'buffer' }), Buffer.from('file'))
  })

  test('of what is no link is EINVAL', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    await fs.mkdir(at('folder'))
    for (const path of [at('file'), at('folder'), dir]) {
      const error = await rejects(fs.readlink(path), 'EINVAL')
      assert.equal(error.message, `EINVAL: invalid argument, readlink '${path}'`)
    }
  })

  test('of a folder that holds a link of its own name is EINVAL', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('same'))
    await outside.symlink('x', out(at('same', 'same')))
    await rejects(fs.readlink(at('same')), 'EINVAL')
  })

  test('of a link to a folder that holds a link of its name', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await outside.symlink('wrong', out(at('folder', 'link')))
    await outside.symlink('folder', out(at('link')))
    assert.equal(await fs.readlink(at('link')), 'folder')
  })

  test('of what is missing is ENOENT, behind a file ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.readlink(at('missing')), 'ENOENT')
    await rejects(fs.readlink(at('missing', 'below')), 'ENOENT')
    await rejects(fs.readlink(at('file', 'below')), 'ENOTDIR')
  })

  test('a slash at the end follows the link', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await outside.symlink('folder', out(at('link')))
    await rejects(fs.readlink(`${at('link')}/`), 'EINVAL')
  })
})

export const lutimes = casesOf('lutimes', test => {
  const then = new Date('2021-03-04T05:06:07Z')

  test('sets the time of what is no link', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.lutimes(at('file'), then, then), undefined)
    assert.deepEqual((await fs.stat(at('file'))).mtime, then)
  })

  test('what is missing is ENOENT', async ({ fs, at }) => {
    const error = await rejects(fs.lutimes(at('missing'), then, then), 'ENOENT')
    assert.equal(error.syscall, 'lutime')
  })

  test('keeps the time of what is behind a link', async ({ fs, at, outside, out }) => {
    await fs.writeFile(at('file'), 'x')
    await outside.symlink('file', out(at('link')))
    const { mtimeMs } = await fs.stat(at('file'))
    await fs.lutimes(at('link'), then, then).catch(() => {})
    assert.equal((await fs.stat(at('file'))).mtimeMs, mtimeMs)
  })

  test('sets the time of a link', async ({ fs, at, outside, out }) => {
    await outside.symlink('nothing', out(at('link')))
    await fs.lutimes(at('link'), then, then)
    assert.deepEqual((await fs.lstat(at('link'))).mtime, then)
  })
})
