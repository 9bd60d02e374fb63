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
  timeArgument,
} from './fs/arguments.js'
import type { Dir } from './fs/dir.js'
import { Dirent } from './fs/dirent.js'
import { download, type DownloadOptions } from './fs/download.js'
import { entryName, type EntryEncoding } from './fs/entry-name.js'
import { abortError, fsError, invalidArgValue, systemError } from './fs/errors.js'
import { failure } from './fs/failure.js'
import { fileData, isWhole, type FileData } from './fs/file-data.js'
import { parseFlags } from './fs/flags.js'
import { localPathArgument } from './fs/local-path.js'
import { openDirectory } from './fs/open-directory.js'
import { PathOrder, type Deed, type Place, type Use } from './fs/path-order.js'
import { ReadStream, type ReadStreamOptions } from './fs/read-stream.js'
import { toStats, type BigIntStats, type Stats } from './fs/stats.js'
import { checkFlush, readStreamOptions, writerOptions, writeStreamOptions } from './fs/stream-options.js'
import { targetOf, type PathLike, type Target } from './fs/target.js'
import { makeTree, removeTree, walk, type ListedFolder } from './fs/tree.js'
import { checkParallel, transferOptions } from './fs/transfer-options.js'
import { upload, type UploadOptions } from './fs/upload.js'
import { WriteStream, type WriteStreamOptions } from './fs/write-stream.js'
import { resolveOptions, type FtpVfsOptions, type ResolvedOptions } from './options.js'
import type { Call } from './pool/call.js'
import { Pool, type PoolStats } from './pool/pool.js'
import { makeDirectory, removeDirectory, removeFile, rename, setMode, setTime } from './remote/change.js'
import { copyFile } from './remote/copy.js'
import type { EntryInfo } from './remote/entry.js'
import { list } from './remote/list.js'
import { lstat } from './remote/lstat.js'
import { RemotePaths } from './remote/paths.js'
import { reader } from './remote/parallel-reader.js'
import { realPath } from './remote/real-path.js'
import { recalledLstat, recalledStat } from './remote/recall.js'
import { RefusedError } from './remote/refused.js'
import type { Remote } from './remote/remote.js'
import { stat } from './remote/stat.js'
import { StatCache } from './remote/stat-cache.js'
import { readAll } from './remote/transfer.js'
import { truncate } from './remote/truncate.js'
import { Writer } from './remote/writer.js'
import { Log } from './wire/log.js'
import { decodeName, encodeName, type ByteString } from './wire/names.js'

export type { PathLike }

interface Signal {
  signal?: AbortSignal | undefined
}
type Encoding = BufferEncoding | null | undefined
interface ReadFileOptions extends Signal {
  flag?: string
  parallel?: number | undefined
}

/**
 * A folder of an FTP server as a Node `fs`: the methods of `fs.promises`, `createReadStream` and
 * `createWriteStream`, over a pool of FTP connections.
 *
 * Nothing connects until the first operation. `/` is the URL's folder, and no path leaves it. Methods throw
 * Node's own errors (`code`, `errno`, `syscall`, `path`, `dest`), of which `cause` is the FTP reply. Errors
 * of the connection have codes that begin with `ERR_FTP_`.
 *
 * Calls that conflict take effect in the order in which they were made, awaited or not: a `stat` behind a
 * `writeFile` of the same path sees the new file. All others go side by side. Paths are compared as they are
 * written: names that differ in case, or lead through a link, are different ones. The `mkdir` of a folder waits
 * neither for another of the same nor for what is being done in it.
 */
export class FtpVfs {
  readonly #options: ResolvedOptions
  readonly #paths: RemotePaths
  readonly #pool: Pool
  readonly #remote: Remote
  readonly #order = new PathOrder()

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
    const { statCacheTtl } = this.#options
    const statCache = statCacheTtl > 0 ? new StatCache(statCacheTtl) : undefined
    this.#remote = { pool: this.#pool, options: this.#options, statCache }
  }

  /** Opens a session, which proves host and credentials, and keeps it for what comes. Throws ERR_FTP_LOGIN and others. */
  async connect(options: Signal = {}): Promise<void> {
    await this.#run(options, [], async call => {
      const lease = await this.#pool.acquire(call, 'metadata')
      lease.release()
    })
  }

  /**
   * Finishes ended streams and running calls, rejects what waits for a session or for an earlier call, ends open
   * streams and folders (ERR_FTP_CLOSED).
   */
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

  /** Sessions open, busy and waited for; flights, commands and bytes so far. */
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
    await this.#call('chmod', target, 'change', call => setMode(this.#remote, call, target.path, bits))
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
    await this.#call('copyfile', from, 'read', work, to)
  }

  /**
   * A readable stream of a file's bytes. It is opened behind earlier calls that change the file; later ones do
   * not wait for its end. Source: Node, fs.createReadStream.
   */
  createReadStream(path: PathLike, options?: Encoding | ReadStreamOptions): ReadStream {
    const target = this.#target(path, 'open')
    return new ReadStream(this.#remote, this.#order, target, readStreamOptions(options))
  }

  /**
   * A writable stream; `finish` means stored and checked. Calls made once it has been ended see the file as it
   * will be. Before, they do not wait for it, though the upload of a large file may have begun: the file may be
   * seen incomplete, unless `atomicUploads` is on. Source: Node, fs.createWriteStream.
   */
  createWriteStream(path: PathLike, options?: Encoding | WriteStreamOptions): WriteStream {
    const target = this.#target(path, 'open')
    return new WriteStream(this.#remote, this.#order, target, writeStreamOptions(options, target.folder))
  }

  /**
   * Downloads into a local file. It appears when it is whole and its size is right; until then the bytes are in a temporary file
   * beside it. What is at `localPath` and is not a regular file, such as a pipe, is written to itself.
   *
   * @throws Node's errors of the file on the server and of the local file, each with its path; ERR_FTP_FILE_CHANGED
   */
  async download(
    path: PathLike,
    localPath: string | Uint8Array | URL,
    options?: DownloadOptions,
  ): Promise<void> {
    const target = this.#target(path, 'open')
    const local = localPathArgument(localPath)
    const settings = transferOptions(options)
    await this.#run(settings, [['read', target.path]], call =>
      download(this.#remote, call, target, local, settings),
    )
  }

  /** What is at the path, a link itself. Source: Node, fsPromises.lstat. */
  async lstat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async lstat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async lstat(path: PathLike, options: { bigint?: boolean | undefined } = {}): Promise<Stats | BigIntStats> {
    const target = this.#target(path, 'lstat')
    return toStats(
      await this.#info('lstat', target, target.folder ? recalledStat : recalledLstat),
      target.path,
      options,
    )
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
    return this.#call('mkdir', target, recursive ? 'makeAll' : 'make', async call => {
      if (target.path === '/' && recursive) return void (await stat(this.#remote, call, '/'))
      if (target.path === '/') throw new RefusedError('EEXIST')
      if (!recursive) return void (await makeDirectory(this.#remote, call, target.path))
      const first = await makeTree(this.#remote, call, target.path)
      return first === undefined ? undefined : this.#text(first)
    })
  }

  /** Makes a folder whose name begins with `prefix` and ends in six random characters. Source: Node, fsPromises.mkdtemp. */
  async mkdtemp(prefix: PathLike, options?: EntryEncoding | { encoding?: EntryEncoding }): Promise<string> {
    const given = pathArgument(prefix, 'prefix')
    const encoding = encodingOption(options)
    const start = typeof given === 'string' ? given : given.toString('latin1')
    for (let tries = 1; ; tries++) {
      const random = randomBytes(6).toString('base64url').replace(/[-_]/g, 'x').slice(0, 6)
      const name = start + random
      const bytes = this.#paths.virtual(typeof given === 'string' ? name : Buffer.from(name, 'latin1'))
      const target = { given: `${given.toString()}XXXXXX`, raw: given, path: bytes, folder: false }
      try {
        await this.#call('mkdtemp', target, 'make', call => makeDirectory(this.#remote, call, bytes))
        return entryName(
          typeof given === 'string' ? encodeName(name, this.#options.encoding) : name,
          encoding,
          this.#options.encoding,
        ) as string
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries >= 10) throw error
      }
    }
  }

  /**
   * A folder to be read entry by entry, as the server sends them. Later calls that change it do not wait for its
   * end. Source: Node, fsPromises.opendir.
   */
  async opendir(
    path: PathLike,
    options?: EntryEncoding | { encoding?: EntryEncoding; bufferSize?: number; recursive?: boolean },
  ): Promise<Dir> {
    const target = this.#target(path, 'opendir')
    const encoding = encodingOption(options)
    const { bufferSize, recursive = false } = optionsArgument<{ bufferSize: number; recursive: boolean }>(
      options,
    )
    if (bufferSize !== undefined) integerArgument(bufferSize, 'options.bufferSize', 1)
    return openDirectory(this.#remote, this.#order, target, recursive, found =>
      this.#dirents(target, found, encoding),
    )
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
      | EntryEncoding
      | {
          encoding?: EntryEncoding
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
    const told = withFileTypes
      ? (found: ListedFolder) => this.#dirents(target, found, encoding)
      : (found: ListedFolder) => this.#names(target, found, encoding)
    return this.#call('scandir', target, recursive ? 'walk' : 'list', async call => {
      if (!recursive)
        return told({ folder: target.path, entries: await list(this.#remote, call, target.path) })
      const all: unknown[] = []
      for await (const found of walk(this.#remote, call, target.path))
        for (const each of told(found)) all.push(each)
      return all
    }) as Promise<string[]>
  }

  /** A file's bytes, or its text; `parallel` as that of `createReadStream`. Source: Node, fsPromises.readFile. */
  async readFile(
    path: PathLike,
    options?: ({ encoding?: null | undefined } & ReadFileOptions) | null,
  ): Promise<Buffer>
  async readFile(
    path: PathLike,
    options: BufferEncoding | ({ encoding: BufferEncoding } & ReadFileOptions),
  ): Promise<string>
  async readFile(
    path: PathLike,
    options?: Encoding | ({ encoding?: Encoding } & ReadFileOptions),
  ): Promise<string | Buffer> {
    const encoding = encodingOption(options)
    const { signal, flag = 'r', parallel } = optionsArgument<ReadFileOptions & { flag: string }>(options)
    checkParallel(parallel)
    const flags = parseFlags(flag, 'options.flag')
    if (!flags.read || flags.write) throw invalidArgValue('options.flag', flag, "must be 'r'")
    const target = this.#target(path, 'open')
    const bytes = await this.#run({ signal }, [['read', target.path]], async call => {
      try {
        if (target.folder) await this.#refuseFile(call, target)
        return await readAll(reader(this.#remote, call, target.path, { parallel }))
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
    const real = await this.#call('realpath', target, 'read', async call => {
      if (target.folder) await this.#refuseFile(call, target)
      return realPath(this.#remote, call, target.path)
    })
    return entryName(real, encoding, this.#options.encoding) as string
  }

  /** Renames a file or folder, over an existing file if there is one. Source: Node, fsPromises.rename. */
  async rename(oldPath: PathLike, newPath: PathLike): Promise<void> {
    const from = this.#target(oldPath, 'rename', 'oldPath')
    const to = this.#target(newPath, 'rename', 'newPath')
    const work = (call: Call): Promise<void> => rename(this.#remote, call, from.path, to.path)
    await this.#call('rename', from, 'change', work, to)
  }

  /** Removes a file, or with `recursive` a folder and all in it. Never descends through a link. Source: Node, fsPromises.rm. */
  async rm(path: PathLike, options: { force?: boolean; recursive?: boolean } = {}): Promise<void> {
    const { force = false, recursive = false } = options
    const target = this.#target(path, 'lstat')
    await this.#call('rm', target, 'change', async call => {
      let info: EntryInfo
      try {
        info = await lstat(this.#remote, call, target.path, true)
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
    await this.#call('rmdir', target, 'change', call => removeDirectory(this.#remote, call, target.path))
  }

  /**
   * What is at the path, links followed. `dev` is 0, `atime`, `ctime` and `birthtime` equal `mtime`. Without
   * MLST in the server the mode is the usual one, and a folder's time is 0. Source: Node, fsPromises.stat.
   */
  async stat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async stat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async stat(path: PathLike, options: { bigint?: boolean | undefined } = {}): Promise<Stats | BigIntStats> {
    const target = this.#target(path, 'stat')
    return toStats(await this.#info('stat', target, recalledStat), target.path, options)
  }

  /** Makes a file shorter, or longer with zeros. Source: Node, fsPromises.truncate. */
  async truncate(path: PathLike, len = 0): Promise<void> {
    const target = this.#target(path, 'open')
    const size = Math.max(0, integerArgument(len, 'len'))
    await this.#call('open', target, 'change', call => truncate(this.#remote, call, target.path, size))
  }

  /** Removes a file or link. Source: Node, fsPromises.unlink. */
  async unlink(path: PathLike): Promise<void> {
    const target = this.#target(path, 'unlink')
    await this.#call('unlink', target, 'change', call => removeFile(this.#remote, call, target.path))
  }

  /**
   * Uploads a local file; resolves when it is stored and checked. Nothing of it is copied to `spoolDirectory`: when a connection
   * is lost, it is read again. Replaces what is there.
   *
   * @throws Node's errors of the local file, before anything is sent, and of the file on the server, each with its path; EINVAL
   * where the local one is not a regular file; ERR_FTP_SOURCE_CHANGED where it was changed meanwhile
   */
  async upload(localPath: string | Uint8Array | URL, path: PathLike, options?: UploadOptions): Promise<void> {
    const local = localPathArgument(localPath)
    const target = this.#target(path, 'open')
    const settings = transferOptions(options)
    await this.#run(settings, [['change', target.path]], call =>
      upload(this.#remote, call, local, target, settings),
    )
  }

  /**
   * Sets the time of the last change, to whole seconds; there is no time of access in FTP. Throws ENOTSUP
   * where the server has no MFMT. Source: Node, fsPromises.utimes.
   */
  async utimes(path: PathLike, atime: number | string | Date, mtime: number | string | Date): Promise<void> {
    const target = this.#target(path, 'utime')
    timeArgument(atime)
    const time = timeArgument(mtime)
    await this.#call('utime', target, 'change', call => setTime(this.#remote, call, target.path, time))
  }

  /**
   * Writes a file; resolves when it is stored and checked. Where `data` is a stream or iterable, later calls wait
   * for it only from its end on, as with `createWriteStream`. Source: Node, fsPromises.writeFile.
   */
  async writeFile(
    path: PathLike,
    data: FileData,
    options?:
      Encoding | ({ encoding?: Encoding; mode?: number | string; flag?: string; flush?: boolean } & Signal),
  ): Promise<void> {
    const encoding = (encodingOption(options) as BufferEncoding | undefined) ?? 'utf8'
    const {
      signal,
      flag = 'w',
      mode,
      flush,
    } = optionsArgument<Signal & { flag: string; mode: number | string; flush: boolean }>(options)
    modeArgument(mode, 'mode', 0o666)
    checkFlush(flush)
    const target = this.#target(path, 'open')
    const settings = writerOptions(flag, target.folder)
    const chunks = fileData(data, encoding)
    const change: Use = ['change', target.path]
    // A source may itself ask for the file that it is for: what it gives has its place from its end on.
    const uses = isWhole(data) ? [change] : []
    await this.#run({ signal }, uses, async call => {
      const writer = new Writer(this.#remote, call, target.path, settings)
      let place: Place | undefined
      try {
        for await (const chunk of call.eachWanted(chunks)) await writer.write(chunk)
        if (uses.length === 0) place = this.#order.reserve(change)
        await place?.turn(call)
        await writer.end()
      } catch (error) {
        const failed = failure(error, 'open', target.given)
        if (uses.length === 0) place ??= this.#order.reserve(change)
        if (!(await writer.abort(() => place?.turn()))) Object.assign(failed, { incomplete: target.given })
        throw failed
      } finally {
        place?.leave()
      }
    })
  }

  #target(path: PathLike, syscall: string, name?: string): Target {
    return targetOf(this.#paths, path, syscall, name)
  }

  #run<T>(
    { signal }: Signal,
    uses: readonly Use[],
    work: (call: Call) => Promise<T>,
    failure?: (error: unknown) => Error,
  ): Promise<T> {
    checkSignal(signal)
    checkAborted(signal)
    let place: Place | undefined
    const inTurn = (call: Call): Promise<T> => {
      if (uses.length > 0) place = this.#order.reserve(...uses)
      return place && place.waits > 0 ? place.turn(call).then(() => work(call)) : work(call)
    }
    return this.#pool.run(signal, () => abortError(signal), inTurn, {
      over: done => place?.leave(done),
      ...(failure && { failure }),
    })
  }

  #call<T>(
    syscall: string,
    target: Target,
    deed: Deed,
    work: (call: Call) => Promise<T>,
    dest?: Target,
  ): Promise<T> {
    const uses: Use[] = [[deed, target.path]]
    if (dest) uses.push(['change', dest.path])
    return this.#run({}, uses, work, error => failure(error, syscall, target.given, dest?.given))
  }

  #info(syscall: string, target: Target, ask: typeof stat): Promise<EntryInfo> {
    if (!target.folder)
      return this.#call(syscall, target, 'read', call => ask(this.#remote, call, target.path))
    return this.#call(syscall, target, 'read', async call => {
      const info = await ask(this.#remote, call, target.path)
      if (info.type !== 'directory') throw new RefusedError('ENOTDIR')
      return info
    })
  }

  async #refuseFile(call: Call, { path }: Target): Promise<void> {
    if ((await stat(this.#remote, call, path)).type !== 'directory') throw new RefusedError('ENOTDIR')
  }

  #text(path: ByteString): string {
    return decodeName(path, this.#options.encoding)
  }

  #dirents(
    root: Target,
    { folder, entries }: ListedFolder,
    encoding: EntryEncoding,
  ): Dirent<string | Buffer>[] {
    const below = this.#text(relative(root.path, folder))
    const parent = below === '' ? root.given : `${root.given.replace(/\/+$/, '')}/${below}`
    return entries.map(
      ({ name, type }) => new Dirent(entryName(name, encoding, this.#options.encoding), parent, type),
    )
  }

  /** The paths of a folder's entries, seen from the folder that was listed. */
  #names(root: Target, { folder, entries }: ListedFolder, encoding: EntryEncoding): (string | Buffer)[] {
    const below = relative(root.path, folder)
    const before = below === '' ? '' : `${below}/`
    return entries.map(({ name }) => entryName(before + name, encoding, this.#options.encoding))
  }
}

/** The path of what lies below a folder, seen from there; that of the folder itself is empty. */
function relative(root: ByteString, path: ByteString): ByteString {
  return path.slice(root === '/' ? 1 : root.length + 1)
}
