import assert from 'node:assert/strict'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

export const unlink = casesOf('unlink', test => {
  test('removes a file', async ({ fs, at, dir }) => {
    await fs.writeFile(at('file'), 'x')
    assert.equal(await fs.unlink(at('file')), undefined)
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a missing file is ENOENT', async ({ fs, at }) => {
    await rejects(fs.unlink(at('missing')), 'ENOENT')
    await rejects(fs.unlink(at('missing', 'file')), 'ENOENT')
  })

  test('a file on the way is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.unlink(at('file', 'below')), 'ENOTDIR')
  })

  test('an empty folder is EISDIR and stays', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.unlink(at('folder')), 'EISDIR')
    assert.deepEqual(await fs.readdir(at('folder')), [])
  })

  test('a folder that holds something is EISDIR and stays', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await rejects(fs.unlink(at('folder')), 'EISDIR')
    assert.deepEqual(await fs.readdir(at('folder')), ['file'])
  })

  test('removes a link and keeps what is behind it', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    await outside.symlink('file', out(at('link to file')))
    await outside.symlink('folder', out(at('link to folder')))
    await outside.symlink('nowhere', out(at('broken link')))
    for (const name of ['link to file', 'link to folder', 'broken link']) await fs.unlink(at(name))
    assert.deepEqual((await outside.readdir(out(at()))).sort(), ['file', 'folder'])
  })
})

export const rmdir = casesOf('rmdir', test => {
  test('removes an empty folder', async ({ fs, at, dir }) => {
    await fs.mkdir(at('folder'))
    assert.equal(await fs.rmdir(at('folder')), undefined)
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a folder that holds a file is ENOTEMPTY', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await rejects(fs.rmdir(at('folder')), 'ENOTEMPTY')
    assert.deepEqual(await fs.readdir(at('folder')), ['file'])
  })

  test('a folder that holds but a dot file is ENOTEMPTY', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', '.file'), 'x')
    await rejects(fs.rmdir(at('folder')), 'ENOTEMPTY')
  })

  test('a file is ENOTDIR and stays', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.rmdir(at('file')), 'ENOTDIR')
    await rejects(fs.rmdir(at('file', 'below')), 'ENOTDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a missing folder is ENOENT', async ({ fs, at }) => {
    await rejects(fs.rmdir(at('missing')), 'ENOENT')
    await rejects(fs.rmdir(at('missing', 'below')), 'ENOENT')
  })

  test('a link to a folder is ENOTDIR and stays', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await outside.symlink('folder', out(at('link')))
    await rejects(fs.rmdir(at('link')), 'ENOTDIR')
    assert.ok((await outside.lstat(out(at('link')))).isSymbolicLink())
  })

  test('recursive never descends through a link', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('kept'))
    await fs.writeFile(at('kept', 'file'), 'x')
    await outside.symlink('kept', out(at('link')))
    // What becomes of the link differs from Node to Node.
    const rmdir = fs.rmdir as (path: string, options: object) => Promise<void>
    for (const path of [`${at('link')}/`, at('link')]) await rmdir(path, { recursive: true }).catch(() => {})
    assert.equal(await fs.readFile(at('kept', 'file'), 'utf8'), 'x')
  })
})

export const rm = casesOf('rm', test => {
  test('removes a file', async ({ fs, at, dir }) => {
    await fs.writeFile(at('one'), 'x')
    await fs.writeFile(at('two'), 'x')
    assert.equal(await fs.rm(at('one')), undefined)
    await fs.rm(at('two'), { recursive: true })
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a missing path is ENOENT', async ({ fs, at }) => {
    await rejects(fs.rm(at('missing')), 'ENOENT')
    await rejects(fs.rm(at('missing'), { recursive: true }), 'ENOENT')
  })

  test('force takes a missing path for removed', async ({ fs, at }) => {
    assert.equal(await fs.rm(at('missing'), { force: true }), undefined)
    await fs.rm(at('missing'), { force: true, recursive: true })
    await fs.rm(at('missing', 'below'), { force: true, recursive: true })
  })

  test('a file on the way is ENOTDIR, with force too', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.rm(at('file', 'below')), 'ENOTDIR')
    await rejects(fs.rm(at('file', 'below'), { force: true }), 'ENOTDIR')
    await rejects(fs.rm(at('file', 'below'), { force: true, recursive: true }), 'ENOTDIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'x')
  })

  test('a folder without recursive is ERR_FS_EISDIR and stays', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await rejects(fs.rm(at('folder')), 'ERR_FS_EISDIR')
    await rejects(fs.rm(at('folder'), { force: true }), 'ERR_FS_EISDIR')
    assert.deepEqual(await fs.readdir(at('folder')), [])
  })

  test('recursive removes an empty folder', async ({ fs, at, dir }) => {
    await fs.mkdir(at('folder'))
    await fs.rm(at('folder'), { recursive: true })
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('recursive removes a deep and wide tree', async ({ fs, at, dir }) => {
    const levels = ['tree', 'a', '.b', 'c d', 'e', 'f']
    await fs.mkdir(at(...levels), { recursive: true })
    for (let depth = 1; depth <= levels.length; depth++) {
      for (const name of ['file', '.dot', 'with space']) {
        await fs.writeFile(at(...levels.slice(0, depth), name), name)
      }
      await fs.mkdir(at(...levels.slice(0, depth), 'empty'))
    }
    await fs.rm(at('tree'), { recursive: true })
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('removes a link and keeps what is behind it', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('folder', 'file'), 'x')
    await outside.symlink('folder', out(at('one')))
    await outside.symlink('folder', out(at('two')))
    await fs.rm(at('one'))
    await fs.rm(at('two'), { recursive: true, force: true })
    assert.deepEqual(await outside.readdir(out(at())), ['folder'])
    assert.deepEqual(await outside.readdir(out(at('folder'))), ['file'])
  })

  test('removes a link that leads nowhere, with force too', async ({ fs, at, dir, outside, out }) => {
    await outside.symlink('nowhere', out(at('one')))
    await outside.symlink('nowhere', out(at('two')))
    await fs.rm(at('one'))
    await fs.rm(at('two'), { force: true })
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('recursive never descends through a link out of the tree', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('kept', 'sub'), { recursive: true })
    await fs.writeFile(at('kept', 'file'), 'x')
    await fs.writeFile(at('kept', 'sub', 'file'), 'x')
    await fs.mkdir(at('tree', 'sub'), { recursive: true })
    await outside.symlink('../kept', out(at('tree', 'link to folder')))
    await outside.symlink('../../kept/sub', out(at('tree', 'sub', 'deeper link')))
    await outside.symlink('../kept/file', out(at('tree', 'link to file')))
    await outside.symlink('..', out(at('tree', 'link to parent')))
    await fs.rm(at('tree'), { recursive: true })
    assert.deepEqual(await outside.readdir(out(at())), ['kept'])
    assert.deepEqual((await outside.readdir(out(at('kept')))).sort(), ['file', 'sub'])
    assert.deepEqual(await outside.readdir(out(at('kept', 'sub'))), ['file'])
  })

  test('recursive removes links that lead nowhere', async ({ fs, at, outside, out }) => {
    await fs.mkdir(at('tree', 'sub'), { recursive: true })
    await outside.symlink('nowhere', out(at('tree', 'broken link')))
    await outside.symlink('loop', out(at('tree', 'sub', 'loop')))
    await fs.rm(at('tree'), { recursive: true })
    assert.deepEqual(await outside.readdir(out(at())), [])
  })
})
