import { constants as os } from 'node:os'
import { posix } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { fs as memfs, type IFs, type Volume } from 'memfs'
import type { ByteString } from '../../lib/wire/names/names.js'

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, R_OK, W_OK, X_OK } = memfs.constants

/** What a listing line is made of. */
export type Entry = InstanceType<IFs['Stats']> & { name: ByteString; target?: ByteString }

/** A file open for writing. */
export interface Sink {
  write(chunk: Uint8Array): void
  close(): void
}

/**
 * A memfs volume as ftp-srv's `fs` object, by the rules of Linux.
 *
 * Paths and names are byte strings. ftp-srv's own FileSystem is not extended: what it did not
 * override would reach the real disk.
 */
export class MemfsFileSystem {
  #cwd: ByteString

  constructor(
    private readonly volume: Volume,
    home: ByteString = '/',
  ) {
    this.#cwd = posix.resolve('/', home)
  }

  currentDirectory(): ByteString {
    return this.#cwd
  }

  chdir(path: ByteString): ByteString {
    attempt(() => {
      const target = this.#resolve(path)
      if (!this.volume.statSync(target).isDirectory()) throw refusal('ENOTDIR')
      this.volume.accessSync(target, X_OK)
    })
    return (this.#cwd = posix.resolve('/', this.#cwd, path))
  }

  /** The entry behind a path; a dangling link is itself. */
  get(path: ByteString): Entry {
    return attempt(() => {
      const target = this.#resolve(path)
      const stats = this.volume.statSync(target, { throwIfNoEntry: false })
      return stats ? Object.assign(stats, { name: path }) : this.#entry(target, path)
    })
  }

  /** A regular file's entry: SIZE and MDTM are for files (RFC 3659, sections 3 and 4). */
  file(path: ByteString): Entry {
    const entry = attempt(() => Object.assign(this.volume.statSync(this.#resolve(path)), { name: path }))
    if (entry.isDirectory()) throw refusal('EISDIR')
    return entry
  }

  /** A folder's entries, dot files and links among them; a file lists itself. */
  list(path: ByteString): Entry[] {
    return attempt(() => {
      const target = this.#resolve(path)
      if (!this.get(path).isDirectory()) return [this.#entry(target, path)]
      return this.volume
        .readdirSync(target)
        .map(String)
        .map(name => this.#entry(posix.join(target, name), nameToBytes(name)))
    })
  }

  /** A file's bytes from `start`; a refusal is thrown at the call, before a transfer is announced. */
  read(path: ByteString, start = 0): Iterable<Buffer> {
    this.file(path)
    const target = this.#resolve(path)
    attempt(() => this.volume.accessSync(target, R_OK))
    return chunks(this.volume, target, start)
  }

  /** With `start` bytes are patched in place, with `append` they are added, else the file is new or emptied. */
  write(path: ByteString, { append = false, start }: { append?: boolean; start?: number | undefined }): Sink {
    const { volume } = this
    const how = append ? O_APPEND : start === undefined ? O_TRUNC : 0
    const fd = attempt(() => volume.openSync(this.#resolve(path), O_WRONLY | O_CREAT | how, 0o644))
    let position = start ?? 0
    return {
      write: chunk => {
        position += volume.writeSync(fd, chunk, 0, chunk.length, append ? undefined : position)
      },
      close: () => volume.closeSync(fd),
    }
  }

  mkdir(path: ByteString): ByteString {
    attempt(() => this.volume.mkdirSync(this.#resolveEntry(path), 0o755))
    return posix.resolve('/', this.#cwd, path)
  }

  rmdir(path: ByteString): void {
    attempt(() => {
      const target = this.#resolveEntry(path)
      if (!this.volume.lstatSync(target).isDirectory()) throw refusal('ENOTDIR')
      this.#needWritableParent(target)
      this.volume.rmdirSync(target)
    })
  }

  unlink(path: ByteString): void {
    attempt(() => {
      const target = this.#resolveEntry(path)
      // memfs 4.80.1 says EPERM, as BSD does.
      if (this.volume.lstatSync(target).isDirectory()) throw refusal('EISDIR')
      this.#needWritableParent(target)
      this.volume.unlinkSync(target)
    })
  }

  /** rename(2): memfs 4.80.1 replaces anything by anything, and moves what a link points at. */
  rename(oldPath: ByteString, newPath: ByteString): void {
    attempt(() => {
      const from = this.#resolveEntry(oldPath)
      const to = this.#resolveEntry(newPath)
      const source = this.volume.lstatSync(from)
      if (from === '/' || to === '/') throw refusal('EBUSY')
      if (to.startsWith(`${from}/`)) throw refusal('EINVAL')
      if (from.startsWith(`${to}/`)) throw refusal('ENOTEMPTY')
      this.#needWritableParent(from)
      this.#needWritableParent(to)
      if (from === to) return
      const target = this.volume.lstatSync(to, { throwIfNoEntry: false })
      if (target) this.#makeWay(to, source.isDirectory(), target.isDirectory())
      if (!source.isSymbolicLink()) return this.volume.renameSync(from, to)
      this.volume.symlinkSync(String(this.volume.readlinkSync(from)), to)
      this.volume.unlinkSync(from)
    })
  }

  chmod(path: ByteString, mode: number): void {
    attempt(() => {
      const target = this.#resolve(path)
      const { atime, mtime } = this.volume.statSync(target)
      this.volume.chmodSync(target, mode)
      // memfs 4.80.1 changes mtime with the mode.
      this.volume.utimesSync(target, atime, mtime)
    })
  }

  /** As ProFTPD 1.3.8: the target counts from the working directory, has to be there, and is kept as an absolute path. */
  symlink(target: ByteString, path: ByteString): void {
    attempt(() => {
      const to = this.#resolve(target)
      this.volume.statSync(to)
      const link = this.#resolveEntry(path)
      if (this.volume.lstatSync(link, { throwIfNoEntry: false })) throw refusal('EEXIST')
      this.#needWritableParent(link)
      this.volume.symlinkSync(to, link)
    })
  }

  utimes(path: ByteString, mtime: Date): void {
    attempt(() => {
      const target = this.#resolve(path)
      this.volume.utimesSync(target, this.volume.statSync(target).atime, mtime)
    })
  }

  #resolve(path: ByteString): string {
    if (!path) throw refusal('EINVAL')
    const names = posix.resolve('/', this.#cwd, path).split('/')
    // memfs 4.80.1 has no limit.
    if (names.some(name => name.length > 255)) throw refusal('ENAMETOOLONG')
    return names.map(nameFromBytes).join('/')
  }

  /** The path with links in its parent followed: memfs 4.80.1 says ENOTDIR for `link/new`. */
  #resolveEntry(path: ByteString): string {
    const target = this.#resolve(path)
    return posix.join(String(this.volume.realpathSync(posix.dirname(target))), posix.basename(target))
  }

  #entry(target: string, name: ByteString): Entry {
    const stats = this.volume.lstatSync(target)
    if (!stats.isSymbolicLink()) return Object.assign(stats, { name })
    const link = pathToBytes(String(this.volume.readlinkSync(target)))
    return Object.assign(stats, { name, target: link, size: link.length })
  }

  // memfs 4.80.1 removes an entry from a folder that may not be written to.
  #needWritableParent(target: string): void {
    this.volume.accessSync(posix.dirname(target), W_OK | X_OK)
  }

  // Removed first, for memfs 4.80.1 counts a replaced entry twice and its folder is then never empty.
  #makeWay(to: string, sourceIsDirectory: boolean, targetIsDirectory: boolean): void {
    if (sourceIsDirectory && !targetIsDirectory) throw refusal('ENOTDIR')
    if (!sourceIsDirectory && targetIsDirectory) throw refusal('EISDIR')
    if (targetIsDirectory) this.volume.rmdirSync(to)
    else this.volume.unlinkSync(to)
  }
}

function* chunks(volume: Volume, path: string, position: number): Generator<Buffer> {
  const fd = volume.openSync(path, 'r')
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(64 * 1024)
      const length = volume.readSync(fd, chunk, 0, chunk.length, position)
      if (length === 0) return
      position += length
      yield chunk.subarray(0, length)
    }
  } finally {
    volume.closeSync(fd)
  }
}

/** A system error whose text is code and reason only: names in it would not be bytes. */
export function refusal(code: string): Error {
  const errno = (os.errno as Record<string, number>)[code] ?? os.errno.EINVAL
  const [name, reason] = getSystemErrorMap().get(-errno)!
  return Object.assign(new Error(`${name}: ${reason}`), { code: name })
}

function attempt<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw refusal((error as NodeJS.ErrnoException).code ?? 'EIO')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The name in memfs, which keeps strings: UTF-8 decoded. In a name that is not UTF-8 each byte above
 * 0x7F becomes a lone surrogate U+DC80 to U+DCFF (Python's PEP 383), so that it comes back the same.
 */
export function nameFromBytes(bytes: ByteString): string {
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return bytes.replace(/[\x80-\xff]/g, byte => String.fromCharCode(0xdc00 + byte.charCodeAt(0)))
  }
}

/** The bytes of a name in memfs. */
export function nameToBytes(name: string): ByteString {
  if (!/[\udc80-\udcff]/u.test(name)) return Buffer.from(name).toString('latin1')
  return name.replace(/[\udc80-\udcff]/gu, char => String.fromCharCode(char.charCodeAt(0) & 0xff))
}

function pathToBytes(path: string): ByteString {
  return path.split('/').map(nameToBytes).join('/')
}
