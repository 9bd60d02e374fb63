import type { ReadStream as NodeReadStream, WriteStream as NodeWriteStream } from 'node:fs'
import { access } from './calls/access.js'
import { appendFile } from './calls/append-file.js'
import { CallRunner, type Signal } from './calls/call-runner.js'
import { chmod, lchmod } from './calls/chmod.js'
import { chown, lchown } from './calls/chown.js'
import { copyFile } from './calls/copy-file.js'
import { cp, type CpOptions } from './calls/cp.js'
import { createReadStream } from './calls/create-read-stream.js'
import { createWriteStream } from './calls/create-write-stream.js'
import { download } from './calls/download.js'
import { exists } from './calls/exists.js'
import { glob, type GlobOptions } from './calls/glob.js'
import { link } from './calls/link.js'
import { mkdir, type MkdirOptions } from './calls/mkdir.js'
import { mkdtemp, mkdtempDisposable, type DisposableFolder } from './calls/mkdtemp.js'
import { openAsBlob, type OpenAsBlobOptions } from './calls/open-as-blob.js'
import { open } from './calls/open.js'
import { opendir, type OpendirOptions } from './calls/opendir.js'
import { readdir, type ReaddirOptions } from './calls/readdir.js'
import { readFile, type ReadFileOptions } from './calls/read-file.js'
import { readlink } from './calls/readlink.js'
import { realpath } from './calls/realpath.js'
import { rename } from './calls/rename.js'
import type { RemovalOptions } from './calls/removal-options.js'
import { rm, type RmOptions } from './calls/rm.js'
import { rmdir } from './calls/rmdir.js'
import { lstat, stat } from './calls/stat.js'
import { statfs } from './calls/statfs.js'
import type { OfOpenFile } from './calls/streamed-file.js'
import { symlink } from './calls/symlink.js'
import { truncate } from './calls/truncate.js'
import { unlink } from './calls/unlink.js'
import { upload } from './calls/upload.js'
import { lutimes, utimes, type Time } from './calls/utimes.js'
import { unwatchFile, watchFile, type StatsListener, type WatchFileOptions } from './calls/watch-file.js'
import { watch, type WatchOptions } from './calls/watch.js'
import { writeFile, type WriteFileOptions } from './calls/write-file.js'
import { lazily } from './fs/call-iterator.js'
import type { Dir } from './node/dir.js'
import type { Dirent } from './node/dirent.js'
import type { DownloadOptions } from './fs/file-download.js'
import type { EntryEncoding } from './node/entry-name.js'
import type { FileData } from './node/file-data.js'
import { noDescriptor, type FileHandle } from './fs/file-handle.js'
import type { FileReadStreamOptions, FileWriteStreamOptions } from './node/file-streams.js'
import type { ReadStream, ReadStreamOptions } from './fs/read-stream.js'
import type { RemoteBlob } from './fs/remote-blob.js'
import type { StatFs } from './fs/stat-fs.js'
import type { StatWatcher } from './fs/stat-watcher.js'
import type { BigIntStats, StatOptions, Stats } from './fs/stats.js'
import type { PathLike } from './fs/call-path.js'
import type { UploadOptions } from './fs/file-upload.js'
import type { WatchEvent } from './fs/watcher.js'
import type { WriteStream, WriteStreamOptions } from './fs/write-stream.js'
import { nodeFs, type NodeFs } from './node-fs/node-fs.js'
import { resolveOptions, type FtpVfsOptions } from './options/options.js'
import { Pool, type PoolStats } from './pool/pool.js'
import { Memory } from './remote/memory.js'
import { RemotePaths } from './remote/paths.js'
import { Remote } from './remote/remote.js'
import { StatCache } from './remote/stat/stat-cache.js'
import { Log } from './wire/log.js'
import { encodeName, type ByteString } from './wire/names/names.js'
import { serverInfo, type ServerInfo } from './wire/server/server-info.js'

export type { PathLike }

type Encoding = BufferEncoding | null | undefined

/**
 * A folder of an FTP server as a Node `fs`: the methods of `fs.promises`, `createReadStream` and
 * `createWriteStream`, over a pool of FTP connections.
 *
 * Nothing connects until the first operation. `/` is the URL's folder, and no path leaves it.
 * Methods throw Node's own errors (`code`, `errno`, `syscall`, `path`, `dest`), of which `cause` is
 * the FTP reply. Errors of the connection have codes that begin with `ERR_FTP_`.
 *
 * Calls that conflict take effect in the order in which they were made, awaited or not: a `stat`
 * behind a `writeFile` of the same path sees the new file. All others go side by side. Paths are
 * compared as they are written: names that differ in case, or lead through a link, are different
 * ones. The `mkdir` of a folder waits neither for another of the same nor for what is being done in
 * it.
 */
export class FtpVfs {
  readonly #pool: Pool
  readonly #runner: CallRunner
  #fs: NodeFs | undefined

  /**
   * @param url `ftp://[user[:password]@]host[:port]/path?option=value`, or the options alone
   *
   * @param options beat those in the URL; see FtpVfsOptions
   *
   * @throws TypeError (ERR_INVALID_URL, ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE), RangeError
   *   (ERR_OUT_OF_RANGE)
   */
  constructor(url: string | URL | FtpVfsOptions, options?: FtpVfsOptions) {
    const resolved = resolveOptions(url, options)
    const { path, pathIsAbsolute, encoding, statCacheTtl, unsupportedMetadata, memoryLimit } = resolved
    const paths = new RemotePaths({ folder: encodeName(path, encoding), absolute: pathIsAbsolute }, encoding)
    const remotePath = (virtual: ByteString, login: ByteString): ByteString => paths.remote(virtual, login)
    const loginRelative = !pathIsAbsolute
    this.#pool = new Pool({ ...resolved, remotePath, loginRelative }, new Log(resolved))
    const statCache = statCacheTtl > 0 ? new StatCache(statCacheTtl) : undefined
    const remote = new Remote(this.#pool, resolved, new Memory(memoryLimit), statCache)
    this.#runner = new CallRunner(remote, paths, undefined, unsupportedMetadata)
  }

  /**
   * A drop-in `fs`: this FtpVfs in the shape of `node:fs`, with callbacks, `promises`, streams and
   * descriptors, for code that takes an `fs`. All its functions work without `this`. What FTP can
   * never do, and every synchronous function, fails with ENOTSUP.
   */
  get fs(): NodeFs {
    return (this.#fs ??= nodeFs(this.#runner))
  }

  /**
   * Opens a session, which proves host and credentials, and keeps it for what comes. Throws
   * ERR_FTP_LOGIN and others.
   */
  async connect(options: Signal = {}): Promise<void> {
    await this.#runner.run(options, [], async call => {
      const lease = await this.#pool.acquire(call, 'metadata')
      lease.release()
    })
  }

  /**
   * Finishes ended streams and running calls, rejects what waits for a session or for an earlier
   * call, ends open streams and folders (ERR_FTP_CLOSED, with the path).
   *
   * A read stream without a listener for `error` ends without one. A write stream without one that
   * had not been ended is lost: all is closed as well, and then `close` rejects with ERR_FTP_CLOSED
   * and its path; where there are several, with an AggregateError of them.
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

  /**
   * What is known of the server, for doctors and bug reports: what it calls itself, what FEAT names,
   * what it can do and how that is known. Opens a session where there was none.
   *
   * @param options `signal`: ends the wait for a session
   * @returns what is known now; it says nothing of user, password and files
   * @throws ERR_FTP_LOGIN and others, as `connect`
   */
  async server(options: Signal = {}): Promise<ServerInfo> {
    const { server, log, stats } = this.#pool
    if (stats.opened === 0) await this.connect(options)
    return serverInfo(server, said => log.masked(said))
  }

  /** Sessions open, busy and waited for; flights, commands and bytes so far. */
  stats(): PoolStats {
    return this.#pool.stats
  }

  /**
   * Succeeds when the path exists. FTP cannot ask what this user may do: of `mode` only existence
   * is checked. Source: Node, fsPromises.access.
   */
  async access(path: PathLike, mode?: number): Promise<void> {
    return access(this.#runner, path, mode)
  }

  /**
   * Appends to a file, or makes it; to an open one as its `appendFile`. Source: Node,
   * fsPromises.appendFile.
   */
  async appendFile(path: PathLike | FileHandle, data: FileData, options?: WriteFileOptions): Promise<void> {
    return appendFile(this.#runner, noDescriptor(path), data, options)
  }

  /**
   * Sets the permission bits (SITE CHMOD). Throws ENOTSUP where the server has no such command.
   * Source: Node, fsPromises.chmod.
   */
  async chmod(path: PathLike, mode: number | string): Promise<void> {
    return chmod(this.#runner, path, mode)
  }

  /**
   * FTP has no command for the owner of a file: throws ENOTSUP, unless `unsupportedMetadata` is
   * `ignore`. Source: Node, fsPromises.chown.
   */
  async chown(path: PathLike, uid: number, gid: number): Promise<void> {
    return chown(this.#runner, path, uid, gid)
  }

  /**
   * Copies a file, through this machine. `mode` may hold COPYFILE_EXCL; COPYFILE_FICLONE_FORCE
   * throws ENOTSUP. Source: Node, fsPromises.copyFile.
   */
  async copyFile(src: PathLike, dest: PathLike, mode?: number): Promise<void> {
    return copyFile(this.#runner, src, dest, mode)
  }

  /**
   * Copies a file, or with `recursive` a folder and all in it, through this machine: folders first,
   * level by level, files side by side. Modes are kept where the server tells and sets them. Links
   * are copied by `symlink`, with its ENOTSUP, or followed with `dereference`. With a `filter`,
   * later calls do not wait for the end. Source: Node, fsPromises.cp.
   *
   * @throws ERR_FS_EISDIR, ERR_FS_CP_EEXIST, ERR_FS_CP_EINVAL, ERR_FS_CP_DIR_TO_NON_DIR,
   *   ERR_FS_CP_NON_DIR_TO_DIR, ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY, ERR_FS_CP_UNKNOWN, as Node
   */
  async cp(src: PathLike, dest: PathLike, options?: CpOptions): Promise<void> {
    return cp(this.#runner, src, dest, options)
  }

  /**
   * A readable stream of a file's bytes. It is opened behind earlier calls that change the file;
   * later ones do not wait for its end. Of an open file, the option `fd`, it is as that of its
   * `createReadStream`. Source: Node, fs.createReadStream.
   */
  createReadStream(path: PathLike, options?: Encoding | ReadStreamOptions): ReadStream
  createReadStream(path: unknown, options: FileReadStreamOptions & OfOpenFile): NodeReadStream
  createReadStream(
    path: PathLike,
    options?: Encoding | ReadStreamOptions | (FileReadStreamOptions & OfOpenFile),
  ): ReadStream | NodeReadStream {
    return createReadStream(this.#runner, path, options)
  }

  /**
   * A writable stream; `finish` means stored and checked. Calls made once it has been ended see the
   * file as it will be. Before, they do not wait for it, though the upload of a large file may have
   * begun: the file may be seen incomplete, unless `atomicUploads` is on. Of an open file, the
   * option `fd`, it is as that of its `createWriteStream`. Source: Node, fs.createWriteStream.
   */
  createWriteStream(path: PathLike, options?: Encoding | WriteStreamOptions): WriteStream
  createWriteStream(path: unknown, options: FileWriteStreamOptions & OfOpenFile): NodeWriteStream
  createWriteStream(
    path: PathLike,
    options?: Encoding | WriteStreamOptions | (FileWriteStreamOptions & OfOpenFile),
  ): WriteStream | NodeWriteStream {
    return createWriteStream(this.#runner, path, options)
  }

  /**
   * Downloads into a local file. It appears when it is whole and its size is right; until then the
   * bytes are in a temporary file beside it. What is at `localPath` and is not a regular file, such
   * as a pipe, is written to itself.
   *
   * @throws Node's errors of the file on the server and of the local file, each with its path;
   *   ERR_FTP_FILE_CHANGED
   */
  async download(
    path: PathLike,
    localPath: string | Uint8Array | URL,
    options?: DownloadOptions,
  ): Promise<void> {
    return download(this.#runner, path, localPath, options)
  }

  /**
   * Whether there is anything at the path, links followed; also false for what can be no path.
   * Throws what is not about the file, such as that the server cannot be reached. Source: Node,
   * fs.exists.
   */
  async exists(path: PathLike): Promise<boolean> {
    return exists(this.#runner, path)
  }

  /**
   * The paths that match a pattern, or one of several, as they are found. `*`, `?`, `[a-z]`,
   * `{a,b}`, `+(a|b)` and `**` are understood; a name that begins with a dot is matched by one
   * alone, a backslash is a slash, and what is meant as it is stands in brackets: `[*]`. Patterns
   * are relative to `cwd`, and so are their results; absolute ones stay absolute. Names are gone to
   * directly and through links, and only what wildcards stand for is listed, which do not go
   * through links. What cannot be listed matches nothing. Source: Node, fsPromises.glob, also on a
   * Node that has none.
   */
  glob(
    pattern: string | readonly string[],
    options?: GlobOptions & { withFileTypes?: false | undefined },
  ): AsyncIterableIterator<string, undefined>
  glob(
    pattern: string | readonly string[],
    options: GlobOptions<Dirent> & { withFileTypes: true },
  ): AsyncIterableIterator<Dirent, undefined>
  glob(
    pattern: string | readonly string[],
    options?: GlobOptions<never>,
  ): AsyncIterableIterator<string | Dirent, undefined> {
    return lazily(() => glob(this.#runner, pattern, options))
  }

  /**
   * As `chmod`; of a link ENOTSUP, for which no server has a command. Source: Node,
   * fsPromises.lchmod.
   */
  async lchmod(path: PathLike, mode: number | string): Promise<void> {
    return lchmod(this.#runner, path, mode)
  }

  /** As `chown`. Source: Node, fsPromises.lchown. */
  async lchown(path: PathLike, uid: number, gid: number): Promise<void> {
    return lchown(this.#runner, path, uid, gid)
  }

  /** Throws ENOTSUP: FTP has no hard links. Source: Node, fsPromises.link. */
  async link(existingPath: PathLike, newPath: PathLike): Promise<void> {
    return link(this.#runner, existingPath, newPath)
  }

  /** What is at the path, a link itself. Source: Node, fsPromises.lstat. */
  async lstat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async lstat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async lstat(path: PathLike, options?: StatOptions): Promise<Stats | BigIntStats> {
    return lstat(this.#runner, path, options)
  }

  /**
   * As `utimes`; of a link ENOTSUP, for which no server has a command. Source: Node,
   * fsPromises.lutimes.
   */
  async lutimes(path: PathLike, atime: Time, mtime: Time): Promise<void> {
    return lutimes(this.#runner, path, atime, mtime)
  }

  /**
   * Makes a folder. With `recursive`, those above it too, and resolves with the first that was
   * made, or with undefined where the replies that would tell were lost. `mode` is accepted and
   * left to the server. Source: Node, fsPromises.mkdir.
   */
  async mkdir(
    path: PathLike,
    options: { recursive: true; mode?: number | string },
  ): Promise<string | undefined>
  async mkdir(
    path: PathLike,
    options?: number | string | { recursive?: false; mode?: number | string } | null,
  ): Promise<undefined>
  async mkdir(path: PathLike, options?: number | string | MkdirOptions | null): Promise<string | undefined> {
    return mkdir(this.#runner, path, options)
  }

  /**
   * Makes a folder whose name begins with `prefix` and ends in six random characters. Source: Node,
   * fsPromises.mkdtemp.
   */
  async mkdtemp(prefix: PathLike, options?: EntryEncoding | { encoding?: EntryEncoding }): Promise<string> {
    return mkdtemp(this.#runner, prefix, options) as Promise<string>
  }

  /**
   * As `mkdtemp`; the folder is removed with all that is in it by `remove()`, or at the end of
   * `await using`. Source: Node 24, fsPromises.mkdtempDisposable.
   */
  async mkdtempDisposable(prefix: PathLike): Promise<DisposableFolder> {
    return mkdtempDisposable(this.#runner, prefix)
  }

  /**
   * Opens a file. What is written is kept here, and seen by others once `sync`, `datasync` or
   * `close` has stored it: also a new file is there only then. Several handles are as in NFS: each
   * sees the file as it was when it was opened, or last looked at by `stat`, and what it has
   * written itself.
   *
   * @param flags `r`, `r+`, `w`, `wx`, `a`, … or the sum of `fs.constants.O_…`. Default `r`.
   *
   * @param mode accepted, and left to the server
   *
   * @throws ENOENT, EEXIST, EISDIR, ENOTDIR, EACCES Source: Node, fsPromises.open.
   */
  async open(
    path: PathLike,
    flags?: string | number | null,
    mode?: number | string | null,
  ): Promise<FileHandle> {
    return open(this.#runner, path, flags, mode)
  }

  /**
   * A file as a Blob, of which nothing is read before it is asked for: see RemoteBlob for where it
   * can go. Throws ERR_INVALID_ARG_VALUE for what is no file, with the reason as its cause; reading
   * it, NotReadableError where the file has been changed since. Source: Node, fs.openAsBlob.
   */
  async openAsBlob(path: PathLike, options?: OpenAsBlobOptions): Promise<RemoteBlob> {
    return openAsBlob(this.#runner, path, options)
  }

  /**
   * A folder to be read entry by entry, as the server sends them. Later calls that change it do not
   * wait for its end. Source: Node, fsPromises.opendir.
   */
  async opendir(path: PathLike, options?: EntryEncoding | OpendirOptions): Promise<Dir> {
    return opendir(this.#runner, path, options)
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
    options?: EntryEncoding | ReaddirOptions,
  ): Promise<string[] | Buffer[] | Dirent[] | Dirent<Buffer>[]> {
    return readdir(this.#runner, path, options) as Promise<string[]>
  }

  /**
   * A file's bytes, or its text; of an open one as its `readFile`. `parallel` as that of
   * `createReadStream`. Source: Node, fsPromises.readFile.
   */
  async readFile(
    path: PathLike | FileHandle,
    options?: ({ encoding?: null | undefined } & ReadFileOptions) | null,
  ): Promise<Buffer>
  async readFile(
    path: PathLike | FileHandle,
    options: BufferEncoding | ({ encoding: BufferEncoding } & ReadFileOptions),
  ): Promise<string>
  async readFile(
    path: PathLike | FileHandle,
    options?: Encoding | ReadFileOptions,
  ): Promise<string | Buffer> {
    return readFile(this.#runner, noDescriptor(path), options)
  }

  /**
   * Where a link leads, as the server's listings show it. An absolute target below the root is told
   * as a path of this FtpVfs; any other stays as it is on the server. Source: Node,
   * fsPromises.readlink.
   *
   * @throws EINVAL for what is no link
   */
  async readlink(path: PathLike, options?: Encoding | { encoding?: Encoding }): Promise<string>
  async readlink(path: PathLike, options: 'buffer' | { encoding: 'buffer' }): Promise<Buffer>
  async readlink(
    path: PathLike,
    options?: EntryEncoding | { encoding?: EntryEncoding },
  ): Promise<string | Buffer> {
    return readlink(this.#runner, path, options)
  }

  /** The path without links, as far as the server tells. Source: Node, fsPromises.realpath. */
  async realpath(path: PathLike, options?: Encoding | { encoding?: Encoding }): Promise<string> {
    return realpath(this.#runner, path, options) as Promise<string>
  }

  /**
   * Renames a file or folder, over an existing file if there is one. Source: Node,
   * fsPromises.rename.
   */
  async rename(oldPath: PathLike, newPath: PathLike): Promise<void> {
    return rename(this.#runner, oldPath, newPath)
  }

  /**
   * Removes a file, or with `recursive` a folder and all in it. Never descends through a link. With
   * `recursive`, `maxRetries` and `retryDelay` say how often it is tried again, and when. Source:
   * Node, fsPromises.rm.
   */
  async rm(path: PathLike, options?: RmOptions): Promise<void> {
    return rm(this.#runner, path, options)
  }

  /** Removes an empty folder; with `recursive`, as `rm`. Source: Node, fsPromises.rmdir. */
  async rmdir(path: PathLike, options?: RemovalOptions): Promise<void> {
    return rmdir(this.#runner, path, options)
  }

  /**
   * What is at the path, links followed. `dev` is 0, `atime`, `ctime` and `birthtime` equal
   * `mtime`. Without MLST in the server the mode is the usual one, and a folder's time is 0.
   * Source: Node, fsPromises.stat.
   */
  async stat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async stat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async stat(path: PathLike, options?: StatOptions): Promise<Stats | BigIntStats> {
    return stat(this.#runner, path, options)
  }

  /**
   * How much may still be stored: AVBL, or the quota that SITE QUOTA tells (ProFTPD with
   * mod_quotatab). `type` is 0, `bsize` 4096; of AVBL, `blocks` is what is free. Source: Node,
   * fsPromises.statfs.
   *
   * @throws ENOTSUP where the server does not tell it
   */
  async statfs(path: PathLike, options?: { bigint?: false | undefined }): Promise<StatFs>
  async statfs(path: PathLike, options: { bigint: true }): Promise<StatFs<bigint>>
  async statfs(path: PathLike, options?: { bigint?: boolean | undefined }): Promise<StatFs | StatFs<bigint>> {
    return statfs(this.#runner, path, options)
  }

  /**
   * Makes a link (SITE SYMLINK: ProFTPD with mod_site_misc). An absolute `target` is a path of this
   * FtpVfs. The server keeps each target as an absolute path: a relative one leads to the same
   * place, until it is moved. Source: Node, fsPromises.symlink.
   *
   * @throws ENOTSUP where the server has no such command, and for a target that is not there;
   *   EINVAL for a path with a space in it on a server that is not known
   */
  async symlink(target: PathLike, path: PathLike, type?: 'dir' | 'file' | 'junction' | null): Promise<void> {
    return symlink(this.#runner, target, path, type)
  }

  /** Makes a file shorter, or longer with zeros. Source: Node, fsPromises.truncate. */
  async truncate(path: PathLike, len?: number): Promise<void> {
    return truncate(this.#runner, path, len)
  }

  /** Removes a file or link. Source: Node, fsPromises.unlink. */
  async unlink(path: PathLike): Promise<void> {
    return unlink(this.#runner, path)
  }

  /** Ends what `watchFile` began: for one listener, or for all. Source: Node, fs.unwatchFile. */
  unwatchFile(path: PathLike, listener?: StatsListener | StatsListener<BigIntStats>): void {
    unwatchFile(this.#runner, path, listener)
  }

  /**
   * Uploads a local file; resolves when it is stored and checked. Nothing of it is copied to
   * `spoolDirectory`: when a connection is lost, it is read again. Replaces what is there.
   *
   * @throws Node's errors of the local file, before anything is sent, and of the file on the
   *   server, each with its path; EINVAL where the local one is not a regular file;
   *   ERR_FTP_SOURCE_CHANGED where it was changed meanwhile
   */
  async upload(localPath: string | Uint8Array | URL, path: PathLike, options?: UploadOptions): Promise<void> {
    return upload(this.#runner, localPath, path, options)
  }

  /**
   * Sets the time of the last change, to whole seconds; there is no time of access in FTP. Throws
   * ENOTSUP where the server has no MFMT. Source: Node, fsPromises.utimes.
   */
  async utimes(path: PathLike, atime: Time, mtime: Time): Promise<void> {
    return utimes(this.#runner, path, atime, mtime)
  }

  /**
   * The changes of a file, or of what is in a folder. FTP tells nobody of changes, so that the
   * folder is listed every `interval` milliseconds, or the file looked at: what comes and goes in
   * between is not seen. A name that appears or is gone is a `rename`; one whose size, time, mode
   * or type is another a `change`. Where the server has no MLSD, times are to the minute: two
   * changes of a file within one that leave it as long as it was are one. What later calls of this
   * FtpVfs change is seen from the first `next` on.
   *
   * Ends with an error of the server, as ENOENT where there is nothing at the beginning, with
   * `signal` (AbortError), with `return`, and when the FtpVfs is closed (ERR_FTP_CLOSED). What is
   * removed later is a `rename`, and is waited for. Source: Node, fsPromises.watch.
   */
  watch(
    path: PathLike,
    options: 'buffer' | (WatchOptions & { encoding: 'buffer' }),
  ): AsyncIterableIterator<WatchEvent<Buffer>, undefined>
  watch(
    path: PathLike,
    options?: Encoding | (WatchOptions & { encoding?: Encoding }),
  ): AsyncIterableIterator<WatchEvent, undefined>
  watch(
    path: PathLike,
    options?: EntryEncoding | WatchOptions,
  ): AsyncIterableIterator<WatchEvent<Buffer>, undefined> | AsyncIterableIterator<WatchEvent, undefined> {
    return lazily(() => watch(this.#runner, path, options)) as AsyncIterableIterator<WatchEvent, undefined>
  }

  /**
   * Calls back when a file is another than before, by its `stat` every `interval` milliseconds
   * (default 5007). What is missing is a Stats of zeros, and is told at the beginning. Those of one
   * interval go in one flight. Ends with `unwatchFile`, and when the FtpVfs is closed. As in Node
   * it begins at once and throws for wrong arguments. Source: Node, fs.watchFile.
   */
  watchFile(
    path: PathLike,
    options: WatchFileOptions & { bigint: true },
    listener: StatsListener<BigIntStats>,
  ): StatWatcher
  watchFile(
    path: PathLike,
    options: WatchFileOptions | null | undefined,
    listener: StatsListener,
  ): StatWatcher
  watchFile(path: PathLike, listener: StatsListener): StatWatcher
  watchFile(
    path: PathLike,
    options: WatchFileOptions | StatsListener | null | undefined,
    listener?: StatsListener | StatsListener<BigIntStats>,
  ): StatWatcher {
    return watchFile(this.#runner, path, options, listener)
  }

  /**
   * Writes a file; resolves when it is stored and checked. Where `data` is a stream or iterable,
   * later calls wait for it only from its end on, as with `createWriteStream`. To an open file as
   * its `writeFile`. Source: Node, fsPromises.writeFile.
   */
  async writeFile(path: PathLike | FileHandle, data: FileData, options?: WriteFileOptions): Promise<void> {
    return writeFile(this.#runner, noDescriptor(path), data, options)
  }
}
