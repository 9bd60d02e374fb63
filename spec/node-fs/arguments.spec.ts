import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'

// A descriptor that passes the checks and then fails with EBADF.
const notOpen = 2 ** 31 - 1

/** Arguments with which each function succeeds, or fails because of the file; tests replace one. */
const goodArguments: Record<string, (paths: { file: string; folder: string; none: string }) => unknown[]> = {
  close: () => [notOpen],
  cp: ({ file, none }) => [file, none, {}],
  fchmod: () => [notOpen, 0o644],
  fchown: () => [notOpen, 1, 1],
  fdatasync: () => [notOpen],
  fstat: () => [notOpen, {}],
  fsync: () => [notOpen],
  ftruncate: () => [notOpen, 0],
  futimes: () => [notOpen, 1, 1],
  open: ({ file }) => [file, 'r', 0o644],
  read: () => [notOpen, Buffer.alloc(4), 0, 4, 0],
  readv: () => [notOpen, [Buffer.alloc(4)], 0],
  write: () => [notOpen, Buffer.alloc(4), 0, 4, 0],
  writev: () => [notOpen, [Buffer.alloc(4)], 0],
  access: ({ file }) => [file, 0],
  appendFile: ({ file }) => [file, 'x', {}],
  chmod: ({ file }) => [file, 0o644],
  chown: ({ file }) => [file, 1, 1],
  copyFile: ({ file, none }) => [file, none, 0],
  lchown: ({ file }) => [file, 1, 1],
  link: ({ file, none }) => [file, none],
  lstat: ({ file }) => [file, {}],
  lutimes: ({ file }) => [file, 1, 1],
  mkdir: ({ none }) => [none, {}],
  mkdtemp: ({ none }) => [none, {}],
  opendir: ({ folder }) => [folder, {}],
  readFile: ({ file }) => [file, {}],
  readdir: ({ folder }) => [folder, {}],
  readlink: ({ file }) => [file, {}],
  realpath: ({ file }) => [file, {}],
  rename: ({ file, none }) => [file, none],
  rm: ({ none }) => [none, {}],
  rmdir: ({ none }) => [none, {}],
  stat: ({ file }) => [file, {}],
  statfs: ({ file }) => [file, {}],
  symlink: ({ file, none }) => [file, none, 'file'],
  truncate: ({ file }) => [file, 0],
  unlink: ({ none }) => [none],
  utimes: ({ file }) => [file, 1, 1],
  writeFile: ({ file }) => [file, 'x', {}],
}

// Values that are invalid for all arguments, or for most.
const values: unknown[] = [
  undefined,
  null,
  -2,
  1.5,
  NaN,
  2 ** 40,
  true,
  {},
  [],
  '',
  'a\0b',
  Symbol('x'),
  10n,
  new Date(NaN),
  Buffer.from('a\0b'),
  new URL('http://x/y'),
  new URL('file:///a%2Fb'),
  { encoding: 'no' },
  { mode: 'x' },
  { recursive: 5 },
  { force: 5 },
  { signal: 5 },
  { flag: 'q' },
]

const nowhere = { file: '', folder: '', none: '' }

const node = parseInt(process.versions.node)

/** Whether Node is no model: it crashes there, or is laxer than we are. */
function departs(name: string, at: number, value: unknown): boolean {
  const byDescriptor = goodArguments[name]!(nowhere)[0] === notOpen
  const isFile = at === 0 && /^(append|read|write)File$|^truncate$/.test(name)
  return (
    // Node 20 crashes, or its native layer has a text of its own.
    (byDescriptor && at === 0 && /^(symbol|string|bigint)$/.test(typeof value)) ||
    (byDescriptor && at === 0 && value === 2 ** 40) ||
    (name === 'read' && at === 3 && (value === 2 ** 40 || typeof value === 'bigint')) ||
    (name === 'write' && at === 1 && typeof value === 'string') ||
    (name === 'fstat' && value === null) ||
    // Node treats these as an absent mode.
    (name === 'mkdir' && at === 1 && ['boolean', 'symbol', 'bigint'].includes(typeof value)) ||
    // Node treats them as descriptors, and throws an error of V8, or crashes the process.
    (isFile && ['number', 'symbol', 'bigint'].includes(typeof value)) ||
    // Node's realpath converts anything to a string, its realpath.native does not.
    (name === 'realpath' && at === 0) ||
    // Newer versions of Node check more, or use other names.
    (node >= 22 && name === 'mkdir' && (value as { mode?: unknown } | null)?.mode !== undefined) ||
    (node >= 24 && /^(readFile|stat|lstat|symlink)$/.test(name) && at > 0) ||
    // Node 20 calls the path of readlink `oldPath`.
    (name === 'readlink' && at === 0) ||
    // Node passes an invalid Date to the system, which fails with EINVAL.
    (/utimes/.test(name) && value instanceof Date)
  )
}

type Work = (...given: unknown[]) => unknown
type Functions = Readonly<Record<string, Work | undefined>>

interface Outcome {
  how: 'throws' | 'fails' | 'succeeds'
  code?: unknown
  name?: string
  message?: string
}

const root = nodeFs.mkdtempSync(path.join(tmpdir(), 'ftp-vfs-arguments-'))
nodeFs.mkdirSync(`${root}/folder`)
t.teardown(() => nodeFs.rmSync(root, { recursive: true }))

// The checks of arguments come first, so that a closed FtpVfs needs no server.
const vfs = new FtpVfs('ftp://127.0.0.1:1')
await vfs.close()

class Side {
  constructor(
    readonly fs: typeof nodeFs,
    readonly base: string,
  ) {}

  async outcome(name: string, callback: boolean, at: number, value: unknown): Promise<Outcome> {
    const { fs, base } = this
    const given = goodArguments[name]!({
      file: `${base}/file`,
      folder: `${base}/folder`,
      none: `${base}/none`,
    })
    given[at] = value
    const work = ((callback ? fs : fs.promises) as unknown as Functions)[name]
    if (!work) return { how: 'succeeds' }
    let result: unknown
    try {
      if (!callback) result = await work(...given)
      else {
        const error = await new Promise<unknown>(resolve => {
          work(...given, (error: unknown, value: unknown) => {
            result = value
            resolve(error)
          })
        })
        if (error instanceof Error) return this.#failed('fails', error)
      }
      return { how: 'succeeds' }
    } catch (error) {
      return this.#failed(callback ? 'throws' : 'fails', error as Error)
    } finally {
      await (result as { close?: () => unknown } | undefined)?.close?.()
    }
  }

  #failed(how: Outcome['how'], error: NodeJS.ErrnoException): Outcome {
    const { code, name, message } = error
    return { how, code, name, message: message.replaceAll(this.base, '') }
  }
}

const isAboutArguments = ({ code, name }: Outcome): boolean =>
  /^ERR_(?!FTP_)/.test(String(code)) || /^(Type|Range)Error/.test(name ?? '')

const sides = [new Side(nodeFs, root), new Side(vfs.fs, '')]

for (const callback of [true, false]) {
  await t.test(`${callback ? 'callback functions throw' : 'promise functions reject'} as Node's`, async t => {
    for (const [name, given] of Object.entries(goodArguments)) {
      nodeFs.writeFileSync(`${root}/file`, 'x')
      const different: unknown[] = []
      for (let at = 0; at < given(nowhere).length; at++) {
        for (const value of values) {
          if (departs(name, at, value)) continue
          const [theirs, ours] = await Promise.all(sides.map(side => side.outcome(name, callback, at, value)))
          if (!isAboutArguments(theirs!) && !isAboutArguments(ours!)) continue
          if (JSON.stringify(theirs) !== JSON.stringify(ours))
            different.push({ at, value: inspect(value), theirs, ours })
        }
      }
      t.same(different, [], name)
    }
  })
}
