import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import type { CopyOptions } from 'node:fs'
import { bytes } from './bytes.js'
import { casesOf, type Env } from './case.js'
import { rejection, rejects } from './expect.js'

/** A tree with what is easily lost: dot files, empty files and folders, spaces. */
async function plant({ fs, at }: Env, root = 'tree'): Promise<Record<string, string>> {
  await fs.mkdir(at(root, 'a', 'b'), { recursive: true })
  await fs.mkdir(at(root, 'c d'))
  await fs.mkdir(at(root, 'empty'))
  const files = { one: '1', nothing: '', 'a/.dot': '2', 'a/b/three': '333', 'c d/four 4': '4' }
  await Promise.all(Object.entries(files).map(([name, data]) => fs.writeFile(at(root, name), data)))
  return files
}

async function contents({ fs, at }: Env, root: string, names: string[]): Promise<Record<string, string>> {
  const read = names.map(async name => [name, await fs.readFile(at(root, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(read))
}

const named = (target: string): string => (target === 'nothing' ? target : `a ${target}`)

export const copyTree = casesOf('cp', test => {
  test('copies a file, and its mode', async ({ fs, at }) => {
    const data = bytes(300_000)
    await fs.writeFile(at('from'), data)
    await fs.chmod(at('from'), 0o600)
    assert.equal(await fs.cp(at('from'), at('to')), undefined)
    assert.ok(data.equals(await fs.readFile(at('to'))))
    assert.equal((await fs.lstat(at('to'))).mode & 0o777, 0o600)
  })

  test('recursive copies a tree', async env => {
    const { fs, at } = env
    const files = await plant(env)
    await fs.cp(at('tree'), at('copy'), { recursive: true })
    const names = await fs.readdir(at('copy'), { recursive: true })
    assert.deepEqual(names.sort(), (await fs.readdir(at('tree'), { recursive: true })).sort())
    assert.deepEqual(await contents(env, 'copy', Object.keys(files)), files)
  })

  test('recursive copies a folder of thirty files, and keeps modes of folders', async ({ fs, at }) => {
    const names = Array.from({ length: 30 }, (_, index) => `file${index}`)
    await fs.mkdir(at('tree'))
    await Promise.all(names.map(name => fs.writeFile(at('tree', name), name)))
    await fs.chmod(at('tree'), 0o700)
    await fs.cp(at('tree'), at('copy'), { recursive: true })
    const copied = await Promise.all(names.map(name => fs.readFile(at('copy', name), 'utf8')))
    assert.deepEqual(copied, names)
    assert.equal((await fs.lstat(at('copy'))).mode & 0o777, 0o700)
  })

  test('makes the folders above the target', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'x')
    await fs.cp(at('from'), at('new', 'deep', 'to'))
    assert.equal(await fs.readFile(at('new', 'deep', 'to'), 'utf8'), 'x')
  })

  test('into a folder that is there: adds and replaces, and keeps the rest', async env => {
    const { fs, at } = env
    const files = await plant(env)
    await fs.mkdir(at('copy', 'a'), { recursive: true })
    await fs.writeFile(at('copy', 'one'), 'something longer')
    await fs.writeFile(at('copy', 'a', 'kept'), 'k')
    await fs.cp(at('tree'), at('copy'), { recursive: true })
    assert.deepEqual(await contents(env, 'copy', Object.keys(files)), files)
    assert.equal(await fs.readFile(at('copy', 'a', 'kept'), 'utf8'), 'k')
  })

  test('force: false keeps what is there', async env => {
    const { fs, at } = env
    await plant(env)
    await fs.mkdir(at('copy'))
    await fs.writeFile(at('copy', 'one'), 'old')
    await fs.cp(at('tree'), at('copy'), { recursive: true, force: false })
    assert.deepEqual(await contents(env, 'copy', ['one', 'a/b/three']), { one: 'old', 'a/b/three': '333' })
  })

  test('errorOnExist and force: false is ERR_FS_CP_EEXIST', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'new')
    await fs.writeFile(at('to'), 'old')
    const options = { force: false, errorOnExist: true }
    const error = await rejects(fs.cp(at('from'), at('to'), options), 'ERR_FS_CP_EEXIST')
    const to = at('to')
    assert.equal(error.message, `Target already exists: cp returned EEXIST (${to} already exists) ${to}`)
    assert.equal(error.syscall, 'cp')
    assert.equal(error.path, to)
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'old')
  })

  test('mode COPYFILE_EXCL: a file that is there is replaced by force', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'new')
    await fs.writeFile(at('to'), 'old')
    await fs.cp(at('from'), at('to'), { mode: constants.COPYFILE_EXCL })
    await fs.cp(at('from'), at('other'), { mode: constants.COPYFILE_EXCL })
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'new')
    assert.equal(await fs.readFile(at('other'), 'utf8'), 'new')
  })

  test('a file that may not be written to is replaced by force', async ({ fs, at }) => {
    await fs.writeFile(at('from'), 'new')
    await fs.writeFile(at('to'), 'old')
    await fs.chmod(at('to'), 0o444)
    await fs.cp(at('from'), at('to'))
    assert.equal(await fs.readFile(at('to'), 'utf8'), 'new')
  })

  test('filter says what is copied, a folder with all in it, and gets both paths', async env => {
    const { fs, at } = env
    await plant(env)
    const asked: string[][] = []
    const filter = (src: string, dest: string): boolean => {
      asked.push([src, dest])
      return !src.endsWith('/a')
    }
    await fs.cp(at('tree'), at('copy'), { recursive: true, filter })
    const names = ['c d', 'c d/four 4', 'empty', 'nothing', 'one']
    assert.deepEqual((await fs.readdir(at('copy'), { recursive: true })).sort(), names)
    const expected = ['', '/a', '/c d', '/c d/four 4', '/empty', '/nothing', '/one']
    assert.deepEqual(
      asked.sort(),
      expected.map(name => [at('tree') + name, at('copy') + name]),
    )
  })

  test('filter may be asynchronous, and ask the same fs', async env => {
    const { fs, at } = env
    await plant(env)
    const filter = async (src: string, dest: string): Promise<boolean> => {
      await rejects(fs.stat(dest), 'ENOENT')
      return (await fs.stat(src)).isDirectory()
    }
    await fs.cp(at('tree'), at('copy'), { recursive: true, filter })
    assert.deepEqual((await fs.readdir(at('copy'), { recursive: true })).sort(), ['a', 'a/b', 'c d', 'empty'])
  })

  test('filter that throws ends it, with that very error', async env => {
    const { fs, at } = env
    await plant(env)
    const error = new Error('no more')
    const filter = (src: string): boolean => {
      if (src.endsWith('one')) throw error
      return true
    }
    assert.equal(await rejection(fs.cp(at('tree'), at('copy'), { recursive: true, filter })), error)
  })

  test('preserveTimestamps keeps the times of files', async env => {
    const { fs, at } = env
    await plant(env)
    const then = new Date('2021-03-04T05:06:07Z')
    await fs.utimes(at('tree', 'a', 'b', 'three'), then, then)
    await fs.cp(at('tree'), at('copy'), { recursive: true, preserveTimestamps: true })
    assert.deepEqual((await fs.stat(at('copy', 'a', 'b', 'three'))).mtime, then)
  })

  test('a folder without recursive is ERR_FS_EISDIR', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    const error = await rejects(fs.cp(at('folder'), at('to')), 'ERR_FS_EISDIR')
    const from = at('folder')
    assert.equal(
      error.message,
      `Path is a directory: cp returned EISDIR (${from} is a directory (not copied)) ${from}`,
    )
  })

  test('a missing source is ENOENT of lstat, and makes nothing', async ({ fs, at, dir }) => {
    const error = await rejects(fs.cp(at('missing'), at('new', 'to'), { recursive: true }), 'ENOENT')
    assert.equal(error.syscall, 'lstat')
    assert.equal(error.path, at('missing'))
    assert.deepEqual(await fs.readdir(dir), [])
  })

  test('a file on the way of either is ENOTDIR', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.cp(at('file', 'below'), at('to')), 'ENOTDIR')
    await rejects(fs.cp(at('file'), at('file', 'to')), 'ENOTDIR')
  })

  test('onto itself is ERR_FS_CP_EINVAL', async env => {
    const { fs, at } = env
    const files = await plant(env)
    const error = await rejects(fs.cp(at('tree', 'one'), at('tree', 'one')), 'ERR_FS_CP_EINVAL')
    assert.match(
      error.message,
      /^Invalid src or dest: cp returned EINVAL \(src and dest cannot be the same\) /,
    )
    await rejects(fs.cp(at('tree'), at('tree'), { recursive: true }), 'ERR_FS_CP_EINVAL')
    assert.deepEqual(await contents(env, 'tree', Object.keys(files)), files)
  })

  test('onto itself by a link above is ERR_FS_CP_EINVAL, and keeps the file', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    await outside.symlink('tree', out(at('link')))
    await rejects(fs.cp(at('tree', 'one'), at('link', 'one')), 'ERR_FS_CP_EINVAL')
    assert.equal(await fs.readFile(at('tree', 'one'), 'utf8'), '1')
  })

  test('into itself is ERR_FS_CP_EINVAL, by a link too', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    const into = (name: string) => fs.cp(at('tree'), at(name), { recursive: true })
    const error = await rejects(into('tree/a/new'), 'ERR_FS_CP_EINVAL')
    assert.equal(error.path, at('tree/a/new'))
    await outside.symlink('tree', out(at('link')))
    await rejects(into('link/new'), 'ERR_FS_CP_EINVAL')
    assert.deepEqual((await fs.readdir(at('tree'))).sort(), ['a', 'c d', 'empty', 'nothing', 'one'])
  })

  test('dereference: into itself by a link to it is ERR_FS_CP_EINVAL, onto itself too', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    await outside.symlink('tree', out(at('link')))
    const options = { recursive: true, dereference: true }
    await rejects(fs.cp(at('link'), at('tree', 'a', 'new'), options), 'ERR_FS_CP_EINVAL')
    await rejects(fs.cp(at('link'), at('tree'), options), 'ERR_FS_CP_EINVAL')
    assert.deepEqual((await fs.readdir(at('tree', 'a'))).sort(), ['.dot', 'b'])
  })

  test('a folder beside one whose name begins the same', async ({ fs, at }) => {
    await fs.mkdir(at('a'))
    await fs.writeFile(at('a', 'file'), 'x')
    await fs.cp(at('a'), at('ab'), { recursive: true })
    assert.equal(await fs.readFile(at('ab', 'file'), 'utf8'), 'x')
  })

  test('a folder onto a file is ERR_FS_CP_DIR_TO_NON_DIR, below too', async env => {
    const { fs, at } = env
    await plant(env)
    await fs.writeFile(at('file'), 'kept')
    await rejects(fs.cp(at('tree'), at('file'), { recursive: true }), 'ERR_FS_CP_DIR_TO_NON_DIR')
    await fs.mkdir(at('copy'))
    await fs.writeFile(at('copy', 'a'), 'kept')
    await rejects(fs.cp(at('tree'), at('copy'), { recursive: true }), 'ERR_FS_CP_DIR_TO_NON_DIR')
    assert.equal(await fs.readFile(at('file'), 'utf8'), 'kept')
    assert.equal(await fs.readFile(at('copy', 'a'), 'utf8'), 'kept')
  })

  test('a file onto a folder is ERR_FS_CP_NON_DIR_TO_DIR', async ({ fs, at }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.cp(at('file'), at('folder')), 'ERR_FS_CP_NON_DIR_TO_DIR')
    assert.deepEqual(await fs.readdir(at('folder')), [])
  })

  test('dereference copies what links lead to', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    await outside.symlink('../one', out(at('tree', 'a', 'file')))
    await outside.symlink('../c d', out(at('tree', 'a', 'folder')))
    await outside.symlink('tree', out(at('link')))
    await fs.cp(at('link'), at('copy'), { recursive: true, dereference: true })
    const names = ['a/file', 'a/folder/four 4']
    assert.deepEqual(await contents(env, 'copy', names), { 'a/file': '1', 'a/folder/four 4': '4' })
    const types = await Promise.all(['a/file', 'a/folder'].map(name => outside.lstat(out(at('copy', name)))))
    assert.deepEqual(
      types.map(stats => stats.isSymbolicLink()),
      [false, false],
    )
  })

  test('a link at the target is replaced, and what is behind it is kept', async ({
    fs,
    at,
    outside,
    out,
  }) => {
    await fs.writeFile(at('from'), 'new')
    await fs.writeFile(at('kept'), 'old')
    await outside.symlink('kept', out(at('to')))
    await fs.cp(at('from'), at('to'))
    assert.equal(await fs.readFile(at('kept'), 'utf8'), 'old')
    assert.equal((await outside.lstat(out(at('to')))).isSymbolicLink(), false)
  })

  for (const target of ['folder', 'nothing']) {
    test(`a link to ${named(target)} at the target is replaced as well`, async ({ fs, at, outside, out }) => {
      await fs.writeFile(at('from'), 'new')
      await fs.mkdir(at('folder'))
      await outside.symlink(target, out(at('to')))
      await fs.cp(at('from'), at('to'))
      assert.equal((await outside.lstat(out(at('to')))).isFile(), true)
      assert.equal(await fs.readFile(at('to'), 'utf8'), 'new')
      assert.deepEqual((await fs.readdir(at())).sort(), ['folder', 'from', 'to'])
      assert.deepEqual(await fs.readdir(at('folder')), [])
    })
  }

  for (const target of ['file', 'folder', 'nothing']) {
    test(`a link over a link to ${named(target)}`, async ({ fs, at, outside, out }) => {
      await fs.writeFile(at('file'), 'x')
      await fs.mkdir(at('folder'))
      await fs.writeFile(at('second'), 'x')
      await fs.mkdir(at('other'))
      for (const place of ['second', 'other']) {
        await outside.symlink(place, out(at(`from-${place}`)))
        await outside.symlink(target, out(at(`to-${place}`)))
        await fs.cp(at(`from-${place}`), at(`to-${place}`))
        assert.equal(await fs.realpath(at(`to-${place}`)), at(place))
      }
      const names = [
        'file',
        'folder',
        'from-other',
        'from-second',
        'other',
        'second',
        'to-other',
        'to-second',
      ]
      assert.deepEqual((await fs.readdir(at())).sort(), names)
      assert.deepEqual(await fs.readdir(at('folder')), [])
    })
  }

  test('a link becomes one that leads to the same place', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    await outside.symlink('../one', out(at('tree', 'a', 'file')))
    await outside.symlink('b', out(at('tree', 'a', 'folder')))
    await fs.cp(at('tree'), at('copy'), { recursive: true })
    assert.equal(await fs.readlink(at('copy', 'a', 'file')), at('tree', 'one'))
    assert.equal(await fs.readlink(at('copy', 'a', 'folder')), at('tree', 'a', 'b'))
  })

  test('verbatimSymlinks: a relative link leads to what is in the copy', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    await outside.symlink('../one', out(at('tree', 'a', 'file')))
    await fs.cp(at('tree'), at('copy'), { recursive: true, verbatimSymlinks: true })
    assert.equal(await fs.realpath(at('copy', 'a', 'file')), at('copy', 'one'))
  })

  test('a link to a folder over one that holds it is ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', async env => {
    const { fs, at, outside, out } = env
    await plant(env)
    await outside.symlink('tree/a', out(at('from')))
    await outside.symlink('tree', out(at('to')))
    await rejects(fs.cp(at('from'), at('to')), 'ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY')
    await rejects(fs.cp(at('to'), at('from')), 'ERR_FS_CP_EINVAL')
  })

  test('options that are none', async ({ fs, at, dir }) => {
    await fs.mkdir(at('from'))
    const table: [options: unknown, code: string][] = [
      [null, 'ERR_INVALID_ARG_TYPE'],
      ['recursive', 'ERR_INVALID_ARG_TYPE'],
      [{ recursive: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ force: null }, 'ERR_INVALID_ARG_TYPE'],
      [{ dereference: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
      [{ filter: 'all' }, 'ERR_INVALID_ARG_TYPE'],
      [{ mode: 8 }, 'ERR_OUT_OF_RANGE'],
      [{ mode: '1' }, 'ERR_INVALID_ARG_TYPE'],
      [{ dereference: true, verbatimSymlinks: true }, 'ERR_INCOMPATIBLE_OPTION_PAIR'],
    ]
    for (const [options, code] of table)
      await rejects(fs.cp(at('from'), at('to'), options as CopyOptions), code)
    assert.deepEqual(await fs.readdir(dir), ['from'])
  })
})
