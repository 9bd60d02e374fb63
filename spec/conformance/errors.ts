import assert from 'node:assert/strict'
import { getSystemErrorMap } from 'node:util'
import { casesOf } from './case.js'
import { hasCode, rejection, type FsError } from './expect.js'
import { failureOf } from './streams.js'
import type { FsUnderTest } from './target.js'

/** Number and text of each system error, as libuv has them. */
const systemErrors = new Map([...getSystemErrorMap()].map(([errno, [code, text]]) => [code, { errno, text }]))

interface Expected {
  code: string
  syscall: string
  path?: string
  dest?: string
}

/** Asserts everything about a system error: its fields, and the message that is made of them. */
function isSystemError(error: FsError, { code, syscall, path, dest }: Expected): void {
  hasCode(error, code)
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'Error')
  const { errno, text } = systemErrors.get(code)!
  assert.deepEqual(
    { errno: error.errno, syscall: error.syscall, path: error.path, dest: error.dest },
    { errno, syscall, path, dest },
  )
  const where = (path === undefined ? '' : ` '${path}'`) + (dest === undefined ? '' : ` -> '${dest}'`)
  assert.equal(error.message, `${code}: ${text}, ${syscall}${where}`)
  assert.ok(error.stack?.includes(error.message))
}

/** How each method, called with a path that is not there, names its system call. */
const missing: [
  method: string,
  syscall: string,
  call: (fs: FsUnderTest, path: string) => Promise<unknown>,
][] = [
  ['access', 'access', (fs, path) => fs.access(path)],
  ['chmod', 'chmod', (fs, path) => fs.chmod(path, 0o600)],
  ['lstat', 'lstat', (fs, path) => fs.lstat(path)],
  ['opendir', 'opendir', (fs, path) => fs.opendir(path)],
  ['readFile', 'open', (fs, path) => fs.readFile(path)],
  ['readdir', 'scandir', (fs, path) => fs.readdir(path)],
  ['realpath', 'realpath', (fs, path) => fs.realpath(path)],
  ['rm', 'lstat', (fs, path) => fs.rm(path)],
  ['rmdir', 'rmdir', (fs, path) => fs.rmdir(path)],
  ['stat', 'stat', (fs, path) => fs.stat(path)],
  ['truncate', 'open', (fs, path) => fs.truncate(path)],
  ['unlink', 'unlink', (fs, path) => fs.unlink(path)],
  ['utimes', 'utime', (fs, path) => fs.utimes(path, 1, 1)],
  [
    'createReadStream',
    'open',
    async (fs, path) => {
      throw await failureOf(fs.createReadStream(path))
    },
  ],
]

/** The same for methods that make something: it is the parent that is not there. */
const missingParent: typeof missing = [
  ['appendFile', 'open', (fs, path) => fs.appendFile(path, 'x')],
  ['mkdir', 'mkdir', (fs, path) => fs.mkdir(path)],
  ['writeFile', 'open', (fs, path) => fs.writeFile(path, 'x')],
  [
    'createWriteStream',
    'open',
    async (fs, path) => {
      const stream = fs.createWriteStream(path)
      stream.end('x')
      throw await failureOf(stream)
    },
  ],
]

export const errors = casesOf('errors', test => {
  for (const [method, syscall, call] of missing) {
    test(`${method} of a missing path is ENOENT of ${syscall}`, async ({ fs, at }) => {
      const path = at('missing')
      isSystemError(await rejection(call(fs, path)), { code: 'ENOENT', syscall, path })
    })
  }

  for (const [method, syscall, call] of missingParent) {
    test(`${method} in a missing folder is ENOENT of ${syscall}`, async ({ fs, at }) => {
      const path = at('missing', 'file')
      isSystemError(await rejection(call(fs, path)), { code: 'ENOENT', syscall, path })
    })
  }

  test('rename names both paths', async ({ fs, at }) => {
    const [path, dest] = [at('missing'), at('new')]
    isSystemError(await rejection(fs.rename(path, dest)), { code: 'ENOENT', syscall: 'rename', path, dest })
  })

  test('copyFile names both paths', async ({ fs, at }) => {
    const [path, dest] = [at('missing'), at('new')]
    isSystemError(await rejection(fs.copyFile(path, dest)), {
      code: 'ENOENT',
      syscall: 'copyfile',
      path,
      dest,
    })
  })

  test('mkdtemp names the folder it tried', async ({ fs, at }) => {
    const error = await rejection(fs.mkdtemp(at('missing', 'prefix-')))
    assert.match(error.path ?? '', /\/missing\/prefix-[A-Za-z0-9]{6}$/)
    isSystemError(error, { code: 'ENOENT', syscall: 'mkdtemp', path: error.path! })
  })

  test('EEXIST of mkdir', async ({ fs, dir }) => {
    isSystemError(await rejection(fs.mkdir(dir)), { code: 'EEXIST', syscall: 'mkdir', path: dir })
  })

  test('EEXIST of open', async ({ fs, at }) => {
    const path = at('file')
    await fs.writeFile(path, 'x')
    const error = await rejection(fs.writeFile(path, 'y', { flag: 'wx' }))
    isSystemError(error, { code: 'EEXIST', syscall: 'open', path })
  })

  test('EEXIST of copyFile', async ({ fs, at }) => {
    const [path, dest] = [at('file'), at('other')]
    await fs.writeFile(path, 'x')
    await fs.writeFile(dest, 'x')
    isSystemError(await rejection(fs.copyFile(path, dest, 1)), {
      code: 'EEXIST',
      syscall: 'copyfile',
      path,
      dest,
    })
  })

  test('ENOTDIR of open, scandir, rmdir and stat', async ({ fs, at }) => {
    const [file, path] = [at('file'), at('file', 'below')]
    await fs.writeFile(file, 'x')
    isSystemError(await rejection(fs.readFile(path)), { code: 'ENOTDIR', syscall: 'open', path })
    isSystemError(await rejection(fs.stat(path)), { code: 'ENOTDIR', syscall: 'stat', path })
    isSystemError(await rejection(fs.readdir(file)), { code: 'ENOTDIR', syscall: 'scandir', path: file })
    isSystemError(await rejection(fs.rmdir(file)), { code: 'ENOTDIR', syscall: 'rmdir', path: file })
  })

  test('EISDIR of open, unlink and copyFile', async ({ fs, at }) => {
    const [file, path] = [at('file'), at('folder')]
    await fs.writeFile(file, 'x')
    await fs.mkdir(path)
    isSystemError(await rejection(fs.writeFile(path, 'x')), { code: 'EISDIR', syscall: 'open', path })
    isSystemError(await rejection(fs.unlink(path)), { code: 'EISDIR', syscall: 'unlink', path })
    const error = await rejection(fs.copyFile(file, path))
    isSystemError(error, { code: 'EISDIR', syscall: 'copyfile', path: file, dest: path })
  })

  test('EISDIR of read names no path', async ({ fs, dir }) => {
    isSystemError(await rejection(fs.readFile(dir)), { code: 'EISDIR', syscall: 'read' })
    isSystemError(await failureOf(fs.createReadStream(dir).resume()), { code: 'EISDIR', syscall: 'read' })
  })

  test('ENOTEMPTY of rmdir', async ({ fs, at }) => {
    const path = at('folder')
    await fs.mkdir(at('folder', 'sub'), { recursive: true })
    isSystemError(await rejection(fs.rmdir(path)), { code: 'ENOTEMPTY', syscall: 'rmdir', path })
  })

  test('ENOTEMPTY, EISDIR, ENOTDIR and EINVAL of rename', async ({ fs, at }) => {
    const [full, folder, file] = [at('full'), at('folder'), at('file')]
    await fs.mkdir(at('full', 'sub'), { recursive: true })
    await fs.mkdir(folder)
    await fs.writeFile(file, 'x')
    for (const [path, dest, code] of [
      [folder, full, 'ENOTEMPTY'],
      [file, folder, 'EISDIR'],
      [folder, file, 'ENOTDIR'],
      [folder, `${folder}/below`, 'EINVAL'],
    ] as const) {
      isSystemError(await rejection(fs.rename(path, dest)), { code, syscall: 'rename', path, dest })
    }
  })

  test('ERR_FS_EISDIR of rm', async ({ fs, dir }) => {
    const error = await rejection(fs.rm(dir))
    hasCode(error, 'ERR_FS_EISDIR')
    assert.equal(error.name, 'SystemError')
    assert.equal(error.message, `Path is a directory: rm returned EISDIR (is a directory) ${dir}`)
    assert.deepEqual([error.syscall, error.path, error.errno], ['rm', dir, 21])
  })

  test('the path of an error is a string, also of a Buffer or a URL', async ({ fs, at }) => {
    const path = at('missing')
    for (const given of [Buffer.from(path), new URL(`file://${path}`)]) {
      isSystemError(await rejection(fs.stat(given)), { code: 'ENOENT', syscall: 'stat', path })
      isSystemError(await rejection(fs.readFile(given)), { code: 'ENOENT', syscall: 'open', path })
    }
  })

  test('the path of an error is the path as it was given', async ({ fs, dir }) => {
    for (const path of [`${dir}/./missing`, `${dir}//missing`, `${dir}/missing/`]) {
      isSystemError(await rejection(fs.stat(path)), { code: 'ENOENT', syscall: 'stat', path })
    }
  })
})
