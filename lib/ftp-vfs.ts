import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import {
  checkAborted,
  checkSignal,
  encodingOption,
  flagBitsArgument,
  integerArgument,
  modeArgument,
  optionsArgument,
  pathArgument,
  rangeArgument,
  timeArgument,
} from './fs/arguments.js'
import { Dir } from './fs/dir.js'
import { Dirent } from './fs/dirent.js'
import { abortError, fsError, invalidArgType, invalidArgValue, systemError } from './fs/errors.js'
import { failure } from './fs/failure.js'
import { fileData, type FileData } from './fs/file-data.js'
import { parseFlags } from './fs/flags.js'
import { ReadStream, type ReadStreamOptions } from './fs/read-stream.js'
import { toStats, type BigIntStats, type Stats } from './fs/stats.js'
import { makeTree, removeTree, walk } from './fs/tree.js'
import { WriteStream, type WriteStreamOptions } from './fs/write-stream.js'
import { resolveOptions, type FtpVfsOptions, type ResolvedOptions } from './options.js'
import { Call } from './pool/call.js'
import { Pool, type PoolStats } from './pool/pool.js'
import { makeDirectory, removeDirectory, removeFile, rename, setMode, setTime } from './remote/change.js'
import { copyFile } from './remote/copy.js'
import type { EntryInfo } from './remote/entry.js'
import { list, listing } from './remote/list.js'
import { hasTrailingSlash, RemotePaths } from './remote/paths.js'
import { realPath } from './remote/real-path.js'
import { Reader } from './remote/reader.js'
import { RefusedError } from './remote/refused.js'
import type { Remote } from './remote/remote.js'
import { lstat, stat } from './remote/stat.js'
import { truncate } from './remote/truncate.js'
import { Writer, type WriterOptions } from './remote/writer.js'
import { Log } from './wire/log.js'
import { decodeName, encodeName, nameBuffer, type ByteString } from './wire/names.js'

/** A path as the methods take it: text, bytes, or a `file:` URL of which the path counts. */
export type PathLike = string | Uint8Array | URL

interface Signal {
  signal?: AbortSignal | undefined
}
type Encoding = BufferEncoding | null | undefined
type NameEncodingOption = BufferEncoding | 'buffer' | null | undefined

interface Target {
  /** As the user gave it, for messages. */
  given: string
  path: ByteString
  /** The path ends with a slash: it can only name a folder. */
  folder: boolean
}

/**
 * A folder of an FTP server as a Node `fs`: the methods of `fs.promises`, `createReadStream` and
 * `createWriteStream`, over a pool of FTP connections.
 *
 * Nothing connects until the first operation. `/` is the URL's folder, and no path leaves it. Methods throw
 * Node's own errors (`code`, `errno`, `syscall`, `path`, `dest`), of which `cause` is the FTP reply. Errors
 * of the connection have codes that begin with `ERR_FTP_`.
 */
export class FtpVfs {
  readonly #options: ResolvedOptions
  readonly #paths: RemotePaths
  readonly #pool: Pool
  readonly #remote: Remote

  /**
   * @param url `ftp://[user[:password]@]host[:port]/path?option=value`, or the options alone
   * @param options beat those in the URL; see FtpVfsOptions
   * @throws TypeError (ERR_INVALID_URL, ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE), RangeError (ERR_OUT_OF_RANGE)
   */
  constructor(url: string | URL | FtpVfsOptions, options?: FtpVfsOptions) {
    this.#options = resolveOptions(url, options)
    const { path, pathIsAbsolute, encoding } = this.#options
    this.#paths = new RemotePaths({ folder: encodeName(path, encoding), absolute: pathIsAbsolute }, encoding)
    const log = new Log(this.#options)
    const remotePath = (virtual: ByteString, login: ByteString): ByteString =>
      this.#paths.remote(virtual, login)
    this.#pool = new Pool({ ...this.#options, remotePath, loginRelative: !pathIsAbsolute }, log)
    this.#remote = { pool: this.#pool, options: this.#options }
  }

  /** Opens a session, which proves host and credentials, and keeps it for what comes. Throws ERR_FTP_LOGIN and others. */
  async connect(options: Signal = {}): Promise<void> {
    await this.#run(options, async call => {
      const lease = await this.#pool.acquire(call, 'metadata')
      lease.release()
    })
  }

  /** Finishes ended streams and running calls, rejects what waits, ends open streams and folders (ERR_FTP_CLOSED). */
  close(): Promise<void> {
    return this.#pool.close()
  }

  /** Ends everything at once: what is under way fails with ERR_FTP_CLOSED. */
  destroy(): void {
    this.#pool.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Sessions open, busy and waited for, and what has been written so far. */
  stats(): PoolStats {
    return this.#pool.stats
  }

  /**
   * Succeeds when the path exists. FTP cannot ask what this user may do: of `mode` only existence is checked.
   * Source: Node, fsPromises.access.
   */
  async access(path: PathLike, mode?: number): Promise<void> {
    flagBitsArgument(mode)
    await this.#info('access', this.#target(path, 'access'), stat)
  }

  /** Appends to a file, or makes it. Source: Node, fsPromises.appendFile. */
  async appendFile(
    path: PathLike,
    data: FileData,
    options?:
      Encoding | ({ encoding?: Encoding; mode?: number | string; flag?: string; flush?: boolean } & Signal),
  ): Promise<void> {
    await this.writeFile(path, data, { flag: 'a', ...optionsArgument<{ flag: string }>(options) } as {
      flag: string
    })
  }

  /** Sets the permission bits (SITE CHMOD). Throws ENOTSUP where the server has no such command. Source: Node, fsPromises.chmod. */
  async chmod(path: PathLike, mode: number | string): Promise<void> {
    const target = this.#target(path, 'chmod')
    const bits = modeArgument(mode)
    await this.#call('chmod', target, call => setMode(this.#remote, call, target.path, bits))
  }

  /**
   * Copies a file, through this machine. `mode` may hold COPYFILE_EXCL; COPYFILE_FICLONE_FORCE throws ENOTSUP.
   * Source: Node, fsPromises.copyFile.
   */
  async copyFile(src: PathLike, dest: PathLike, mode?: number): Promise<void> {
    const bits = flagBitsArgument(mode)
    const from = this.#target(src, 'copyfile', 'src')
    const to = this.#target(dest, 'copyfile', 'dest')
    if (bits & constants.COPYFILE_FICLONE_FORCE) {
      const detail = 'FTP has no copy-on-write'
      throw systemError({ code: 'ENOTSUP', syscall: 'copyfile', path: from.given, dest: to.given, detail })
    }
    const exclusive = (bits & constants.COPYFILE_EXCL) !== 0
    const work = (call: Call): Promise<void> => copyFile(this.#remote, call, from.path, to.path, exclusive)
    await this.#call('copyfile', from, work, to)
  }

  /** A readable stream of a file's bytes. Source: Node, fs.createReadStream. */
  createReadStream(path: PathLike, options?: Encoding | ReadStreamOptions): ReadStream {
    const given = pathArgument(path)
    const settings = optionsArgument<ReadStreamOptions>(options)
    checkSignal(settings.signal)
    if (settings.flags !== undefined && settings.flags !== 'r') {
      throw invalidArgValue('options.flags', settings.flags, "must be 'r'")
    }
    const encoding = streamEncoding(options)
    const range = rangeArgument(settings)
    return new ReadStream(this.#remote, given, this.#virtual(given, 'open'), {
      ...settings,
      ...range,
      encoding,
      ...watermark(settings.highWaterMark),
    })
  }

  /** A writable stream; `finish` means stored and checked. Source: Node, fs.createWriteStream. */
  createWriteStream(path: PathLike, options?: Encoding | WriteStreamOptions): WriteStream {
    const given = pathArgument(path)
    const settings = optionsArgument<WriteStreamOptions>(options)
    checkSignal(settings.signal)
    const encoding = streamEncoding(options)
    checkFlush(settings.flush)
    const start = settings.start === undefined ? undefined : integerArgument(settings.start, 'start', 0)
    return new WriteStream(this.#remote, given, this.#virtual(given, 'open'), {
      ...settings,
      encoding,
      ...watermark(settings.highWaterMark),
      writer: writerOptions(settings.flags ?? 'w', start, hasTrailingSlash(given)),
    })
  }

  /** What is at the path, a link itself. Source: Node, fsPromises.lstat. */
  async lstat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async lstat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async lstat(path: PathLike, options: { bigint?: boolean | undefined } = {}): Promise<Stats | BigIntStats> {
    const target = this.#target(path, 'lstat')
    return toStats(await this.#info('lstat', target, target.folder ? stat : lstat), target.path, options)
  }

  /**
   * Makes a folder. With `recursive`, those above it too, and resolves with the first that was made. `mode`
   * is accepted and left to the server. Source: Node, fsPromises.mkdir.
   */
  async mkdir(
    path: PathLike,
    options: { recursive: true; mode?: number | string },
  ): Promise<string | undefined>
  async mkdir(
    path: PathLike,
    options?: number | string | { recursive?: false; mode?: number | string } | null,
  ): Promise<undefined>
  async mkdir(
    path: PathLike,
    options?: number | string | { recursive?: boolean; mode?: number | string } | null,
  ): Promise<string | undefined> {
    const { recursive = false, mode } =
      typeof options === 'object' && options !== null ? options : { mode: options }
    modeArgument(mode, 'mode', 0o777)
    const target = this.#target(path, 'mkdir')
    return this.#call('mkdir', target, async call => {
      if (target.path === '/' && recursive) return void (await stat(this.#remote, call, '/'))
      if (target.path === '/') throw new RefusedError('EEXIST')
      if (!recursive) return void (await makeDirectory(this.#remote, call, target.path))
      const first = await makeTree(this.#remote, call, target.path)
      return first === undefined ? undefined : this.#text(first)
    })
  }

  /** Makes a folder whose name begins with `prefix` and ends in six random characters. Source: Node, fsPromises.mkdtemp. */
  async mkdtemp(
    prefix: PathLike,
    options?: NameEncodingOption | { encoding?: NameEncodingOption },
  ): Promise<string> {
    const given = pathArgument(prefix, 'prefix')
    const encoding = encodingOption(options)
    const start = typeof given === 'string' ? given : given.toString('latin1')
    for (let tries = 1; ; tries++) {
      const random = randomBytes(6).toString('base64url').replace(/[-_]/g, 'x').slice(0, 6)
      const name = start + random
      const bytes = this.#paths.virtual(typeof given === 'string' ? name : Buffer.from(name, 'latin1'))
      const target = { given: `${given.toString()}XXXXXX`, path: bytes, folder: false }
      try {
        await this.#call('mkdtemp', target, call => makeDirectory(this.#remote, call, bytes))
        return encoded(
          typeof given === 'string' ? encodeName(name, this.#options.encoding) : name,
          encoding,
          this.#options,
        ) as string
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries >= 10) throw error
      }
    }
  }

  /** A folder to be read entry by entry, as the server sends them. Source: Node, fsPromises.opendir. */
  async opendir(
    path: PathLike,
    options?:
      NameEncodingOption | { encoding?: NameEncodingOption; bufferSize?: number; recursive?: boolean },
  ): Promise<Dir> {
    const target = this.#target(path, 'opendir')
    const encoding = encodingOption(options)
    const { bufferSize, recursive = false } = optionsArgument<{ bufferSize: number; recursive: boolean }>(
      options,
    )
    if (bufferSize !== undefined) integerArgument(bufferSize, 'options.bufferSize', 1)
    let dir: Dir | undefined
    const call = this.#pool.begin(
      new Call(reason => {
        call.cancel(reason)
        dir?.destroy(reason)
      }),
    )
    const entries = recursive ? this.#walked(call, target, encoding) : this.#listed(call, target, encoding)
    try {
      // A folder that is missing is an error of opendir, not of the first read.
      const first = await entries.next()
      dir = new Dir(target.given, this.#source(call, first, entries))
      return dir
    } catch (error) {
      this.#pool.end(call)
      throw failure(error, 'opendir', target.given)
    }
  }

  /** The names in a folder, or its entries. Source: Node, fsPromises.readdir. */
  async readdir(
    path: PathLike,
    options?:
      Encoding | { encoding?: Encoding; withFileTypes?: false | undefined; recursive?: boolean | undefined },
  ): Promise<string[]>
  async readdir(
    path: PathLike,
    options:
      'buffer' | { encoding: 'buffer'; withFileTypes?: false | undefined; recursive?: boolean | undefined },
  ): Promise<Buffer[]>
  async readdir(
    path: PathLike,
    options: { encoding?: Encoding; withFileTypes: true; recursive?: boolean | undefined },
  ): Promise<Dirent[]>
  async readdir(
    path: PathLike,
    options: { encoding: 'buffer'; withFileTypes: true; recursive?: boolean | undefined },
  ): Promise<Dirent<Buffer>[]>
  async readdir(
    path: PathLike,
    options?:
      | NameEncodingOption
      | {
          encoding?: NameEncodingOption
          withFileTypes?: boolean | undefined
          recursive?: boolean | undefined
        },
  ): Promise<string[] | Buffer[] | Dirent[] | Dirent<Buffer>[]> {
    const target = this.#target(path, 'scandir')
    const encoding = encodingOption(options)
    const { withFileTypes = false, recursive = false } = optionsArgument<{
      withFileTypes: boolean
      recursive: boolean
    }>(options)
    const found = await this.#call('scandir', target, async call => {
      if (recursive) return walk(this.#remote, call, target.path)
      return (await list(this.#remote, call, target.path)).map(entry => ({ folder: target.path, entry }))
    })
    return found.map(({ folder, entry }) => {
      if (withFileTypes) return this.#dirent(target, folder, entry.name, entry.type, encoding)
      const below =
        folder === target.path ? '' : `${folder.slice(target.path === '/' ? 1 : target.path.length + 1)}/`
      return encoded(below + entry.name, encoding, this.#options)
    }) as string[]
  }

  /** A file's bytes, or its text. Source: Node, fsPromises.readFile. */
  async readFile(
    path: PathLike,
    options?: ({ encoding?: null | undefined; flag?: string } & Signal) | null,
  ): Promise<Buffer>
  async readFile(
    path: PathLike,
    options: BufferEncoding | ({ encoding: BufferEncoding; flag?: string } & Signal),
  ): Promise<string>
  async readFile(
    path: PathLike,
    options?: Encoding | ({ encoding?: Encoding; flag?: string } & Signal),
  ): Promise<string | Buffer> {
    const encoding = encodingOption(options)
    const { signal, flag = 'r' } = optionsArgument<Signal & { flag: string }>(options)
    const flags = parseFlags(flag, 'options.flag')
    if (!flags.read || flags.write) throw invalidArgValue('options.flag', flag, "must be 'r'")
    const target = this.#target(path, 'open')
    const bytes = await this.#run({ signal }, async call => {
      try {
        if (target.folder) await this.#refuseFile(call, target)
        return await readAll(new Reader(this.#remote, call, target.path))
      } catch (error) {
        const isDirectory = error instanceof RefusedError && error.code === 'EISDIR'
        throw isDirectory ? failure(error, 'read') : failure(error, 'open', target.given)
      }
    })
    return encoding === undefined ? bytes : bytes.toString(encoding as BufferEncoding)
  }

  /** The path without links, as far as the server tells. Source: Node, fsPromises.realpath. */
  async realpath(path: PathLike, options?: Encoding | { encoding?: Encoding }): Promise<string> {
    const encoding = encodingOption(options)
    const target = this.#target(path, 'realpath')
    const real = await this.#call('realpath', target, async call => {
      if (target.folder) await this.#refuseFile(call, target)
      return realPath(this.#remote, call, target.path)
    })
    return encoded(real, encoding, this.#options) as string
  }

  /** Renames a file or folder, over an existing file if there is one. Source: Node, fsPromises.rename. */
  async rename(oldPath: PathLike, newPath: PathLike): Promise<void> {
    const from = this.#target(oldPath, 'rename', 'oldPath')
    const to = this.#target(newPath, 'rename', 'newPath')
    await this.#call('rename', from, call => rename(this.#remote, call, from.path, to.path), to)
  }

  /** Removes a file, or with `recursive` a folder and all in it. Never descends through a link. Source: Node, fsPromises.rm. */
  async rm(path: PathLike, options: { force?: boolean; recursive?: boolean } = {}): Promise<void> {
    const { force = false, recursive = false } = options
    const target = this.#target(path, 'lstat')
    await this.#call('rm', target, async call => {
      let info: EntryInfo
      try {
        info = await lstat(this.#remote, call, target.path)
      } catch (error) {
        if (force && error instanceof RefusedError && error.code === 'ENOENT') return
        throw failure(error, 'lstat', target.given)
      }
      if (info.type !== 'directory') return removeFile(this.#remote, call, target.path)
      if (!recursive) throw fsError('ERR_FS_EISDIR', { syscall: 'rm', path: target.given })
      return removeTree(this.#remote, call, target.path)
    })
  }

  /** Removes an empty folder. Source: Node, fsPromises.rmdir. */
  async rmdir(path: PathLike): Promise<void> {
    const target = this.#target(path, 'rmdir')
    await this.#call('rmdir', target, call => removeDirectory(this.#remote, call, target.path))
  }

  /**
   * What is at the path, links followed. `dev` is 0, `atime`, `ctime` and `birthtime` equal `mtime`. Without
   * MLST in the server the mode is the usual one, and a folder's time is 0. Source: Node, fsPromises.stat.
   */
  async stat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async stat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async stat(path: PathLike, options: { bigint?: boolean | undefined } = {}): Promise<Stats | BigIntStats> {
    const target = this.#target(path, 'stat')
    return toStats(await this.#info('stat', target, stat), target.path, options)
  }

  /** Makes a file shorter, or longer with zeros. Source: Node, fsPromises.truncate. */
  async truncate(path: PathLike, len = 0): Promise<void> {
    const target = this.#target(path, 'open')
    const size = Math.max(0, integerArgument(len, 'len'))
    await this.#call('open', target, call => truncate(this.#remote, call, target.path, size))
  }

  /** Removes a file or link. Source: Node, fsPromises.unlink. */
  async unlink(path: PathLike): Promise<void> {
    const target = this.#target(path, 'unlink')
    await this.#call('unlink', target, call => removeFile(this.#remote, call, target.path))
  }

  /**
   * Sets the time of the last change, to whole seconds; there is no time of access in FTP. Throws ENOTSUP
   * where the server has no MFMT. Source: Node, fsPromises.utimes.
   */
  async utimes(path: PathLike, atime: number | string | Date, mtime: number | string | Date): Promise<void> {
    const target = this.#target(path, 'utime')
    timeArgument(atime)
    const time = timeArgument(mtime)
    await this.#call('utime', target, call => setTime(this.#remote, call, target.path, time))
  }

  /** Writes a file; resolves when it is stored and checked. Source: Node, fsPromises.writeFile. */
  async writeFile(
    path: PathLike,
    data: FileData,
    options?:
      Encoding | ({ encoding?: Encoding; mode?: number | string; flag?: string; flush?: boolean } & Signal),
  ): Promise<void> {
    const encoding = streamEncoding(options) ?? 'utf8'
    const {
      signal,
      flag = 'w',
      mode,
      flush,
    } = optionsArgument<Signal & { flag: string; mode: number | string; flush: boolean }>(options)
    modeArgument(mode, 'mode', 0o666)
    checkFlush(flush)
    const target = this.#target(path, 'open')
    const settings = writerOptions(flag, undefined, target.folder)
    const chunks = fileData(data, encoding)
    await this.#run({ signal }, async call => {
      const writer = new Writer(this.#remote, call, target.path, settings)
      try {
        for await (const chunk of chunks) await writer.write(chunk)
        await writer.end()
      } catch (error) {
        const failed = failure(error, 'open', target.given)
        if (!(await writer.abort())) Object.assign(failed, { incomplete: target.given })
        throw failed
      }
    })
  }

  #target(path: PathLike, syscall: string, name = 'path'): Target {
    const given = pathArgument(path, name)
    return { given: given.toString(), path: this.#virtual(given, syscall), folder: hasTrailingSlash(given) }
  }

  #virtual(given: string | Buffer, syscall: string): ByteString {
    const virtual = this.#paths.virtual(given)
    if (virtual === '') throw systemError({ code: 'ENOENT', syscall, path: '' })
    return virtual
  }

  #run<T>({ signal }: Signal, work: (call: Call) => Promise<T>): Promise<T> {
    checkSignal(signal)
    checkAborted(signal)
    return this.#pool.run(signal, () => abortError(signal), work)
  }

  #call<T>(syscall: string, target: Target, work: (call: Call) => Promise<T>, dest?: Target): Promise<T> {
    return this.#run({}, async call => {
      try {
        return await work(call)
      } catch (error) {
        throw failure(error, syscall, target.given, dest?.given)
      }
    })
  }

  #info(syscall: string, target: Target, ask: typeof stat): Promise<EntryInfo> {
    return this.#call(syscall, target, async call => {
      const info = await ask(this.#remote, call, target.path)
      if (target.folder && info.type !== 'directory') throw new RefusedError('ENOTDIR')
      return info
    })
  }

  async #refuseFile(call: Call, { path }: Target): Promise<void> {
    if ((await stat(this.#remote, call, path)).type !== 'directory') throw new RefusedError('ENOTDIR')
  }

  #text(path: ByteString): string {
    return decodeName(path, this.#options.encoding)
  }

  #dirent(
    root: Target,
    folder: ByteString,
    name: ByteString,
    type: EntryInfo['type'],
    encoding: NameEncodingOption,
  ): Dirent<string | Buffer> {
    const below = this.#text(folder.slice(root.path === '/' ? 1 : root.path.length + 1))
    const parent = below === '' ? root.given : `${root.given.replace(/\/+$/, '')}/${below}`
    return new Dirent(encoded(name, encoding, this.#options), parent, type)
  }

  async *#listed(
    call: Call,
    target: Target,
    encoding: NameEncodingOption,
  ): AsyncGenerator<Dirent<string | Buffer>> {
    for await (const entries of listing(this.#remote, call, target.path)) {
      for (const { name, type } of entries) yield this.#dirent(target, target.path, name, type, encoding)
    }
  }

  async *#walked(
    call: Call,
    target: Target,
    encoding: NameEncodingOption,
  ): AsyncGenerator<Dirent<string | Buffer>> {
    for (const { folder, entry } of await walk(this.#remote, call, target.path)) {
      yield this.#dirent(target, folder, entry.name, entry.type, encoding)
    }
  }

  /** What a Dir reads from: the entries, of which the first has been taken already. */
  #source(
    call: Call,
    first: IteratorResult<Dirent<string | Buffer>, unknown>,
    entries: AsyncGenerator<Dirent<string | Buffer>>,
  ): AsyncGenerator<Dirent> {
    const pool = this.#pool
    async function* source(): AsyncGenerator<Dirent<string | Buffer>> {
      try {
        if (!first.done) yield first.value
        yield* entries
      } finally {
        await entries.return(undefined)
        pool.end(call)
      }
    }
    const started = source()
    // A generator that was never begun does not run its `finally`.
    const end = async (): Promise<IteratorResult<Dirent<string | Buffer>, unknown>> => {
      const result = await started.return(undefined)
      await entries.return(undefined)
      pool.end(call)
      return result
    }
    return Object.assign(Object.create(started) as typeof started, {
      next: () => started.next(),
      return: end,
    }) as AsyncGenerator<Dirent>
  }
}

function streamEncoding(options: unknown): BufferEncoding | undefined {
  return encodingOption(options) as BufferEncoding | undefined
}

function watermark(value: unknown): { highWaterMark?: number } {
  if (value === undefined) return {}
  if (!Number.isInteger(value) || (value as number) < 0) throw invalidArgValue('options.highWaterMark', value)
  return { highWaterMark: value as number }
}

function checkFlush(flush: unknown): void {
  if (flush !== undefined && flush !== null && typeof flush !== 'boolean') {
    throw invalidArgType('options.flush', 'of type boolean', flush)
  }
}

/** What the flags of a write mean for a Writer. */
function writerOptions(flags: string, start: number | undefined, folder: boolean): WriterOptions {
  const { write, append, exclusive, create, truncate } = parseFlags(flags, 'options.flag')
  if (!write)
    throw invalidArgValue('options.flag', flags, 'must be one that writes: w, wx, a, ax, r+ or their like')
  if (append) return { mode: 'append', exclusive, folder }
  const position = start === undefined ? {} : { start }
  return truncate
    ? { mode: 'replace', exclusive, mustExist: !create, folder, ...position }
    : { mode: 'patch', mustExist: true, folder, ...position }
}

function encoded(name: ByteString, encoding: NameEncodingOption, options: ResolvedOptions): string | Buffer {
  if (encoding === 'buffer') return nameBuffer(name)
  if (encoding && encoding !== 'utf8' && encoding !== 'utf-8') return nameBuffer(name).toString(encoding)
  return decodeName(name, options.encoding)
}

async function readAll(reader: Reader): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for (let chunk; (chunk = await reader.read());) chunks.push(chunk)
    return Buffer.concat(chunks)
  } finally {
    await reader.close()
  }
}
