import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import type { PathLike } from 'node:fs'
import { casesOf } from './case.js'
import { rejects } from './expect.js'
import { refuses } from './streams.js'
import type { FsUnderTest } from './target.js'

/** Every method, called with one path. */
const calls: Record<string, (fs: FsUnderTest, path: string) => Promise<unknown>> = {
  access: (fs, path) => fs.access(path),
  appendFile: (fs, path) => fs.appendFile(path, 'x'),
  chmod: (fs, path) => fs.chmod(path, 0o600),
  'copyFile from': (fs, path) => fs.copyFile(path, '/to'),
  lstat: (fs, path) => fs.lstat(path),
  mkdir: (fs, path) => fs.mkdir(path),
  'mkdir recursive': (fs, path) => fs.mkdir(path, { recursive: true }),
  mkdtemp: (fs, path) => fs.mkdtemp(path),
  opendir: (fs, path) => fs.opendir(path),
  readFile: (fs, path) => fs.readFile(path),
  readdir: (fs, path) => fs.readdir(path),
  realpath: (fs, path) => fs.realpath(path),
  'rename from': (fs, path) => fs.rename(path, '/to'),
  rm: (fs, path) => fs.rm(path),
  rmdir: (fs, path) => fs.rmdir(path),
  stat: (fs, path) => fs.stat(path),
  truncate: (fs, path) => fs.truncate(path),
  unlink: (fs, path) => fs.unlink(path),
  utimes: (fs, path) => fs.utimes(path, 1, 1),
  writeFile: (fs, path) => fs.writeFile(path, 'x'),
}

export const paths = casesOf('paths', test => {
  const kinds: [title: string, make: (path: string) => PathLike][] = [
    ['a string', path => path],
    ['a Buffer', path => Buffer.from(path)],
    ['a Uint8Array', path => new Uint8Array(Buffer.from(path)) as Buffer],
    ['a file: URL', path => pathToFileURL(path)],
  ]
  for (const [title, make] of kinds) {
    test(`every method takes ${title}`, async ({ fs, at, dir }) => {
      const [folder, file, other] = [make(at('a folder')), make(at('a folder', '100% #é')), make(at('other'))]
      assert.equal(await fs.mkdir(folder), undefined)
      await fs.writeFile(file, 'one')
      await fs.appendFile(file, ' two')
      assert.equal(await fs.readFile(file, 'utf8'), 'one two')
      await fs.access(file)
      assert.equal((await fs.stat(file)).size, 7)
      assert.equal((await fs.lstat(file)).isFile(), true)
      assert.deepEqual(await fs.readdir(folder), ['100% #é'])
      const opened = await fs.opendir(folder)
      assert.equal((await opened.read())?.name, '100% #é')
      await opened.close()
      assert.equal(await fs.realpath(file), at('a folder', '100% #é'))
      await fs.copyFile(file, other)
      await fs.truncate(other, 3)
      assert.equal(await fs.readFile(other, 'utf8'), 'one')
      await fs.unlink(other)
      await fs.rename(file, other)
      await fs.rm(other)
      await fs.rmdir(folder)
      await fs.mkdir(folder, { recursive: true })
      assert.deepEqual(await fs.readdir(dir), ['a folder'])
      await fs.rm(folder, { recursive: true })
      assert.deepEqual(await fs.readdir(dir), [])
    })
  }

  test('a file: URL is percent-decoded once, a string never', async ({ fs, at, dir }) => {
    await fs.writeFile(at('%41'), 'string')
    await fs.writeFile(new URL(`file://${dir}/%42`), 'URL')
    await fs.writeFile(new URL(`file://${dir}/%2541x`), 'twice')
    assert.deepEqual((await fs.readdir(dir)).sort(), ['%41', '%41x', 'B'])
  })

  test('a URL that is no file: URL is ERR_INVALID_URL_SCHEME', async ({ fs }) => {
    await rejects(fs.stat(new URL('http://127.0.0.1/x')), 'ERR_INVALID_URL_SCHEME')
    await rejects(fs.readFile(new URL('ftp://127.0.0.1/x')), 'ERR_INVALID_URL_SCHEME')
  })

  test('a file: URL with an encoded slash is ERR_INVALID_FILE_URL_PATH', async ({ fs }) => {
    await rejects(fs.stat(new URL('file:///a%2Fb')), 'ERR_INVALID_FILE_URL_PATH')
  })

  test('a file: URL with a host is ERR_INVALID_FILE_URL_HOST', async ({ fs }) => {
    await rejects(fs.stat(new URL('file://host/a')), 'ERR_INVALID_FILE_URL_HOST')
  })

  for (const [method, call] of Object.entries(calls)) {
    test(`${method} of something that is no path is ERR_INVALID_ARG_TYPE`, async ({ fs }) => {
      for (const path of [3.5, null, undefined, {}, true, ['/x']]) {
        await rejects(call(fs, path as string), 'ERR_INVALID_ARG_TYPE')
      }
    })

    test(`${method} of a path with NUL is ERR_INVALID_ARG_VALUE`, async ({ fs, at }) => {
      await rejects(call(fs, at('a\0b')), 'ERR_INVALID_ARG_VALUE')
    })
  }

  test('NUL in a Buffer, a URL or the second path is ERR_INVALID_ARG_VALUE', async ({ fs, at }) => {
    await fs.writeFile(at('file'), 'x')
    await rejects(fs.stat(Buffer.from(at('a\0b'))), 'ERR_INVALID_ARG_VALUE')
    await rejects(fs.stat(new URL(`file://${at('a%00b')}`)), 'ERR_INVALID_ARG_VALUE')
    await rejects(fs.rename(at('file'), at('a\0b')), 'ERR_INVALID_ARG_VALUE')
    await rejects(fs.copyFile(at('file'), at('a\0b')), 'ERR_INVALID_ARG_VALUE')
  })

  test('the streams throw for what is no path', ({ fs, at }) => {
    for (const method of ['createReadStream', 'createWriteStream'] as const) {
      refuses(() => fs[method](3.5 as unknown as string), 'ERR_INVALID_ARG_TYPE')
      refuses(() => fs[method](at('a\0b')), 'ERR_INVALID_ARG_VALUE')
      refuses(() => fs[method](new URL('http://127.0.0.1/x')), 'ERR_INVALID_URL_SCHEME')
    }
    return Promise.resolve()
  })

  test('an empty path is ENOENT', async ({ fs }) => {
    await rejects(fs.stat(''), 'ENOENT')
    await rejects(fs.readFile(''), 'ENOENT')
    await rejects(fs.readdir(''), 'ENOENT')
    await rejects(fs.mkdir(''), 'ENOENT')
    await rejects(fs.unlink(''), 'ENOENT')
  })

  test('. and .. and doubled slashes', async ({ fs, at, dir }) => {
    await fs.mkdir(at('folder'))
    await fs.writeFile(`${dir}/folder/.././/file`, 'x')
    assert.equal(await fs.readFile(`${dir}//./folder/../file`, 'utf8'), 'x')
    assert.deepEqual((await fs.readdir(`${dir}/folder/..`)).sort(), ['file', 'folder'])
    assert.deepEqual(await fs.readdir(`${dir}/./folder/.`), [])
  })

  test('the root is a folder', async ({ fs, target }) => {
    assert.equal((await fs.stat('/')).isDirectory(), true)
    assert.equal((await fs.lstat('/')).isDirectory(), true)
    await fs.access('/')
    const first = target.base.split('/')[1]!
    assert.ok((await fs.readdir('/')).includes(first))
    await rejects(fs.mkdir('/'), 'EEXIST')
    assert.equal(await fs.mkdir('/', { recursive: true }), undefined)
    await rejects(fs.readFile('/'), 'EISDIR')
  })
})
