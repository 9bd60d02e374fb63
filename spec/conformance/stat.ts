import assert from 'node:assert/strict'
import type { Stats } from 'node:fs'
import { casesOf } from './case.js'
import { rejects } from './expect.js'

/** How far a server's clock, and a listing that gives but minutes, may be off; time zones are off by more. */
const TOLERANCE = 120_000

const casesFor = (method: 'stat' | 'lstat') =>
  casesOf(method, test => {
    test('a file', async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'grüße')
      const stats = await fs[method](at('file'))
      assert.equal(stats.isFile(), true)
      assert.equal(stats.isDirectory(), false)
      assert.equal(stats.isSymbolicLink(), false)
      assert.equal(
        stats.isFIFO() || stats.isSocket() || stats.isBlockDevice() || stats.isCharacterDevice(),
        false,
      )
      assert.equal(stats.size, 7)
    })

    test('a folder', async ({ fs, at }) => {
      await fs.mkdir(at('folder'))
      const stats = await fs[method](at('folder'))
      assert.equal(stats.isDirectory(), true)
      assert.equal(stats.isFile(), false)
    })

    test('the mode says what it is', async ({ fs, at, dir }) => {
      await fs.writeFile(at('file'), '')
      assert.equal((await fs[method](at('file'))).mode & 0o170000, 0o100000)
      assert.equal((await fs[method](dir)).mode & 0o170000, 0o040000)
    })

    test('an empty file has size 0', async ({ fs, at }) => {
      await fs.writeFile(at('empty'), '')
      assert.equal((await fs[method](at('empty'))).size, 0)
    })

    test('mtime is when the file was written', async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'x')
      const stats = await fs[method](at('file'))
      assert.ok(stats.mtime instanceof Date)
      assert.equal(stats.mtime.getTime(), Math.round(stats.mtimeMs))
      assert.ok(Math.abs(Date.now() - stats.mtimeMs) < TOLERANCE, `mtime ${stats.mtime.toISOString()}`)
    })

    test('mtime of a folder is when something was made in it', async ({ fs, at }) => {
      await fs.mkdir(at('folder'))
      await fs.writeFile(at('beside'), '')
      await fs.writeFile(at('folder', 'file'), '')
      const { mtimeMs } = await fs[method](at('folder'))
      assert.ok(Math.abs(Date.now() - mtimeMs) < TOLERANCE, `mtime ${new Date(mtimeMs).toISOString()}`)
    })

    test('all fields are there', async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'x')
      const stats = await fs[method](at('file'))
      const numbers = [
        'dev',
        'ino',
        'mode',
        'nlink',
        'uid',
        'gid',
        'size',
        'atimeMs',
        'mtimeMs',
        'ctimeMs',
        'birthtimeMs',
      ]
      for (const field of numbers) assert.equal(typeof stats[field as keyof Stats], 'number', field)
      for (const field of ['atime', 'mtime', 'ctime', 'birthtime']) {
        assert.ok(stats[field as keyof Stats] instanceof Date, field)
      }
    })

    test('bigint', async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'seven..')
      const stats = await fs[method](at('file'), { bigint: true })
      assert.equal(stats.size, 7n)
      assert.equal(stats.isFile(), true)
      assert.equal(stats.mode & 0o170000n, 0o100000n)
      assert.equal(stats.mtimeNs / 1_000_000n, stats.mtimeMs)
      assert.ok(stats.mtime instanceof Date)
      assert.ok(Math.abs(Date.now() - Number(stats.mtimeMs)) < TOLERANCE)
      assert.equal((await fs[method](at('file'), { bigint: false })).size, 7)
    })

    test('bigint of a folder', async ({ fs, dir }) => {
      assert.equal((await fs[method](dir, { bigint: true })).isDirectory(), true)
    })

    test('two files have different ino, one file keeps its own', async ({ fs, at }) => {
      await fs.writeFile(at('one'), '')
      await fs.writeFile(at('two'), '')
      const inoOf = async (name: string) => (await fs[method](at(name))).ino
      assert.notEqual(await inoOf('one'), await inoOf('two'))
      assert.equal(await inoOf('one'), await inoOf('one'))
    })

    test('a folder, by a path that ends with a slash', async ({ fs, dir }) => {
      assert.equal((await fs[method](dir + '/')).isDirectory(), true)
    })

    test('a file, by a path that ends with a slash, is ENOTDIR', async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'x')
      await rejects(fs[method](at('file') + '/'), 'ENOTDIR')
    })

    test('a missing path is ENOENT', async ({ fs, at }) => {
      await rejects(fs[method](at('missing')), 'ENOENT')
      await rejects(fs[method](at('missing', 'below')), 'ENOENT')
      await rejects(fs[method](at('missing'), { bigint: true }), 'ENOENT')
    })

    test('a file on the way is ENOTDIR', async ({ fs, at }) => {
      await fs.writeFile(at('file'), 'x')
      await rejects(fs[method](at('file', 'below')), 'ENOTDIR')
      await rejects(fs[method](at('file', 'below', 'deeper')), 'ENOTDIR')
    })

    test('a size of more than a line of digits', async ({ fs, at }) => {
      await fs.writeFile(at('file'), Buffer.alloc(1_234_567))
      assert.equal((await fs[method](at('file'))).size, 1_234_567)
    })
  })

export const stat = [
  ...casesFor('stat'),
  ...casesOf('stat', test => {
    test('follows a link', async ({ fs, at, outside, out }) => {
      await fs.writeFile(at('file'), 'seven..')
      await outside.symlink('file', out(at('link')))
      const stats = await fs.stat(at('link'))
      assert.equal(stats.isFile(), true)
      assert.equal(stats.isSymbolicLink(), false)
      assert.equal(stats.size, 7)
    })

    test('the time of a link to a folder is that of the folder', async ({ fs, at, outside, out }) => {
      await fs.mkdir(at('folder'))
      await fs.writeFile(at('beside'), '')
      await outside.symlink('folder', out(at('link')))
      await outside.utimes(out(at('folder')), 1_000_000_000, 1_000_000_000)
      assert.equal((await fs.stat(at('link'))).mtimeMs, (await fs.stat(at('folder'))).mtimeMs)
    })

    test('follows a link to a folder', async ({ fs, at, outside, out }) => {
      await fs.mkdir(at('folder'))
      await outside.symlink('folder', out(at('link')))
      assert.equal((await fs.stat(at('link'))).isDirectory(), true)
    })

    test('a link that leads nowhere is ENOENT', async ({ fs, at, outside, out }) => {
      await outside.symlink('nowhere', out(at('link')))
      await rejects(fs.stat(at('link')), 'ENOENT')
    })
  }),
]

export const lstat = [
  ...casesFor('lstat'),
  ...casesOf('lstat', test => {
    test('sees a link', async ({ fs, at, outside, out }) => {
      await fs.writeFile(at('file'), 'x')
      await outside.symlink('file', out(at('link')))
      const stats = await fs.lstat(at('link'))
      assert.equal(stats.isSymbolicLink(), true)
      assert.equal(stats.isFile(), false)
    })

    test('sees a link that leads nowhere', async ({ fs, at, outside, out }) => {
      await outside.symlink('nowhere', out(at('link')))
      assert.equal((await fs.lstat(at('link'))).isSymbolicLink(), true)
    })
  }),
]
