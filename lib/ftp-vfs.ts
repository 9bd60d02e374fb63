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
import type { OpenFileOption } from './calls/streamed-file.js'
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
import { encodeName } from './wire/names/names.js'
import { serverInfo, type ServerInfo } from './wire/server/server-info.js'

export type { PathLike }

type Encoding = BufferEncoding | null | undefined

/**
 * A folder of an FTP server as a Node `fs`: the methods of `fs.promises`, `createReadStream` and
 * `createWriteStream`, over a pool of FTP connections.
 *
 * The first call opens the first connection. `/` is the folder of the URL, and no path leads out of
 * it.
 *
 * Calls that conflict take effect in the order in which they are made, awaited or not: a `stat`
 * after a `writeFile` of the same path sees the new file. All other calls run side by side. Paths
 * are compared as written: paths that differ in case, or lead through a link, are different paths.
 * A `mkdir` waits neither for another `mkdir` of the same folder nor for calls on the entries of
 * that folder.
 *
 * Methods fail with Node's errors: ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE and
 * ERR_OUT_OF_RANGE for a bad argument, before anything is sent; ENOENT, ENOTDIR, EACCES and the
 * like for a path, with `errno`, `syscall`, `path` and `dest`, and with the reply of the server as
 * `cause`; and ECONNREFUSED, ETIMEDOUT, ENOTFOUND and the like when the server is not reachable.
 * Failures of the connection or the protocol have codes that begin with ERR_FTP_. The README has a
 * table of all codes. The `@throws` of a method name the codes that are particular to it.
 *
 * @example
 * await using vfs = new FtpVfs('ftp://alice:secret@ftp.example.com/backups?connections=8')
 * await vfs.writeFile('/hello.txt', 'Hello')
 * const { size } = await vfs.stat('/hello.txt')
 */
export class FtpVfs {
  readonly #pool: Pool
  readonly #runner: CallRunner
  #fs: NodeFs | undefined

  /**
   * Checks the options; connects to nothing.
   *
   * @param url `ftp://[user[:password]@]host[:port]/path?option=value`, or an object of options
   * @param options take precedence over those in the URL, each on its own; see FtpVfsOptions
   * @throws TypeError (ERR_INVALID_URL, ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE), RangeError
   *   (ERR_OUT_OF_RANGE)
   * @example new FtpVfs('ftps://ftp.example.com/', { user: 'alice', password: 'secret' })
   * @example new FtpVfs({ host: 'ftp.example.com', path: '/backups', encryptionMode: 'Explicit' })
   */
  constructor(url: string | URL | FtpVfsOptions, options?: FtpVfsOptions) {
    const resolved = resolveOptions(url, options)
    const { path, pathIsAbsolute, encoding, statCacheTtl, unsupportedMetadata, memoryLimit } = resolved
    const paths = new RemotePaths({ folder: encodeName(path, encoding), absolute: pathIsAbsolute }, encoding)
    const loginRelative = !pathIsAbsolute
    this.#pool = new Pool({ ...resolved, loginRelative }, new Log(resolved))
    const statCache = statCacheTtl > 0 ? new StatCache(statCacheTtl) : undefined
    const remote = new Remote(this.#pool, paths, resolved, new Memory(memoryLimit), statCache)
    this.#runner = new CallRunner(remote, undefined, unsupportedMetadata)
  }

  /**
   * This FtpVfs in the shape of `node:fs`, for code that takes an `fs`: callbacks, `promises`,
   * streams and file descriptors. All functions work without `this`. The synchronous functions, and
   * those without an equivalent in FTP, fail with ENOTSUP.
   *
   * @example git.clone({ fs: vfs.fs, http, dir: '/repo', url })
   */
  get fs(): NodeFs {
    return (this.#fs ??= nodeFs(this.#runner))
  }

  /**
   * Opens a session, which proves host and credentials, and keeps it for later calls.
   *
   * @param options `signal`: aborts the wait with an AbortError
   * @throws ERR_FTP_LOGIN, ERR_FTP_TLS, ERR_FTP_CERTIFICATE, ERR_FTP_NO_CONNECTION,
   *   ERR_FTP_QUEUE_TIMEOUT, and Node's errors such as ECONNREFUSED
   */
  async connect(options: Signal = {}): Promise<void> {
    await this.#runner.run(options, [], async call => {
      const lease = await this.#pool.acquire(call, 'metadata')
      lease.release()
    })
  }

  /**
   * Closes the FtpVfs in good order: ended streams and running calls finish. Calls that wait for a
   * session or an earlier call, open streams and open folders fail with ERR_FTP_CLOSED and their
   * path.
   *
   * An open read stream without an `error` listener ends without an error. An open write stream
   * without an `error` listener, not yet ended, loses its data: everything closes, and then `close`
   * rejects.
   *
   * @throws ERR_FTP_CLOSED with the path of such a write stream; an AggregateError of several
   */
  close(): Promise<void> {
    return this.#pool.close()
  }

  /** Closes all connections at once. Running calls and open streams fail with ERR_FTP_CLOSED. */
  destroy(): void {
    this.#pool.destroy()
  }

  /** Closes the FtpVfs, as `close`, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Reports what is known about the server, for diagnostics and bug reports: its own name, the
   * features that it lists in reply to FEAT, and the commands that it has, each with the evidence.
   * Opens the first session if there was none.
   *
   * @param options `signal`: aborts the wait for a session with an AbortError
   * @returns a snapshot without user, password and file names
   * @throws as `connect`
   */
  async server(options: Signal = {}): Promise<ServerInfo> {
    const { server, log, stats } = this.#pool
    if (stats.opened === 0) await this.connect(options)
    return serverInfo(server, said => log.masked(said))
  }

  /**
   * Returns the number of sessions that are open and busy and of requests that wait for one, and
   * the flights, commands and bytes so far.
   *
   * @returns a snapshot: sessions and requests of now, the counts since the FtpVfs was made
   */
  stats(): PoolStats {
    return this.#pool.stats
  }

  /**
   * Resolves if the path exists. FTP has no command that checks the user's permissions.
   *
   * Source: Node, fsPromises.access.
   *
   * @param path of a file or folder, links followed
   * @param mode R_OK, W_OK and X_OK are accepted and not checked; default F_OK
   * @throws ENOENT, ENOTDIR
   */
  async access(path: PathLike, mode?: number): Promise<void> {
    return access(this.#runner, path, mode)
  }

  /**
   * Appends to a file; creates it if it is missing.
   *
   * Source: Node, fsPromises.appendFile.
   *
   * @param path of the file, or an open FileHandle, whose own `appendFile` does the work
   * @param data to append: text, bytes, a stream or an iterable of them
   * @param options as in `writeFile`; `flag` defaults to `a`
   * @throws as `writeFile`
   */
  async appendFile(path: PathLike | FileHandle, data: FileData, options?: WriteFileOptions): Promise<void> {
    return appendFile(this.#runner, noDescriptor(path), data, options)
  }

  /**
   * Sets the permission bits of a file or folder by SITE CHMOD.
   *
   * Source: Node, fsPromises.chmod.
   *
   * @param path of a file or folder, links followed
   * @param mode a number, or a string of octal digits
   * @throws ENOTSUP if the server lacks the command and `unsupportedMetadata` is not `ignore`
   */
  async chmod(path: PathLike, mode: number | string): Promise<void> {
    return chmod(this.#runner, path, mode)
  }

  /**
   * Fails with ENOTSUP, because FTP has no command for the owner of a file. With
   * `unsupportedMetadata: 'ignore'` it does nothing.
   *
   * Source: Node, fsPromises.chown.
   *
   * @param path checked and not used
   * @param uid a whole number, checked and not used
   * @param gid a whole number, checked and not used
   * @throws ENOTSUP
   */
  async chown(path: PathLike, uid: number, gid: number): Promise<void> {
    return chown(this.#runner, path, uid, gid)
  }

  /**
   * Copies a file. The bytes pass through this machine.
   *
   * Source: Node, fsPromises.copyFile.
   *
   * @param src the file to copy, links followed
   * @param dest its copy; an existing file is replaced
   * @param mode COPYFILE_EXCL refuses to replace a file; default 0
   * @throws EEXIST with COPYFILE_EXCL; EISDIR for a folder; ENOTSUP for COPYFILE_FICLONE_FORCE
   */
  async copyFile(src: PathLike, dest: PathLike, mode?: number): Promise<void> {
    return copyFile(this.#runner, src, dest, mode)
  }

  /**
   * Copies a file, or with `recursive` a folder and its content, through this machine: first the
   * folders, level by level, then files side by side. The copies get the modes of the originals
   * where the server shows modes and can set them. Links are copied by `symlink`, which may fail
   * with ENOTSUP; with `dereference` their targets are copied. A `cp` with a `filter` does not hold
   * up later calls.
   *
   * Source: Node, fsPromises.cp.
   *
   * @param src the file or folder to copy
   * @param dest its copy
   * @param options see CpOptions
   * @throws ERR_FS_EISDIR, ERR_FS_CP_EEXIST, ERR_FS_CP_EINVAL, ERR_FS_CP_DIR_TO_NON_DIR,
   *   ERR_FS_CP_NON_DIR_TO_DIR, ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY, ERR_FS_CP_UNKNOWN, as Node;
   *   ENOTSUP for a link, and for COPYFILE_FICLONE_FORCE
   */
  async cp(src: PathLike, dest: PathLike, options?: CpOptions): Promise<void> {
    return cp(this.#runner, src, dest, options)
  }

  /**
   * Returns a readable stream of a file's bytes. `end` means that the file is complete. Opening
   * waits for earlier calls that change the file; later calls do not wait for the end of the
   * stream.
   *
   * Source: Node, fs.createReadStream.
   *
   * @param path of the file; ignored with the option `fd`
   * @param options an encoding, or see ReadStreamOptions; with `fd`, an open file, those of its own
   *   `createReadStream`
   * @throws ERR_FTP_CLOSED at once. The stream fails with ENOENT, EISDIR, ERR_FTP_FILE_CHANGED,
   *   ERR_FTP_SHORT_READ and others
   * @example await pipeline(vfs.createReadStream('/text.gz'), createGunzip(), process.stdout)
   */
  createReadStream(path: PathLike, options?: Encoding | ReadStreamOptions): ReadStream
  createReadStream(path: unknown, options: FileReadStreamOptions & OpenFileOption): NodeReadStream
  createReadStream(
    path: PathLike,
    options?: Encoding | ReadStreamOptions | (FileReadStreamOptions & OpenFileOption),
  ): ReadStream | NodeReadStream {
    return createReadStream(this.#runner, path, options)
  }

  /**
   * Returns a writable stream into a file. `finish` means that the file is stored and checked.
   *
   * Calls made after `end()` wait for the stream and see the new file. Calls made before it do not
   * wait, although the upload of a large file may have begun: they may see an incomplete file,
   * unless `atomicUploads` is on.
   *
   * Source: Node, fs.createWriteStream.
   *
   * @param path of the file; ignored with the option `fd`
   * @param options an encoding, or see WriteStreamOptions; with `fd`, an open file, those of its
   *   own `createWriteStream`
   * @throws ERR_FTP_CLOSED at once. The stream fails with EEXIST, EISDIR, ENOSPC,
   *   ERR_FTP_UPLOAD_VERIFY, ERR_FTP_CONNECTION_LOST and others; `incomplete` is the path of a
   *   partial file that stays
   * @example await pipeline(createReadStream('big.zip'), vfs.createWriteStream('/big.zip'))
   */
  createWriteStream(path: PathLike, options?: Encoding | WriteStreamOptions): WriteStream
  createWriteStream(path: unknown, options: FileWriteStreamOptions & OpenFileOption): NodeWriteStream
  createWriteStream(
    path: PathLike,
    options?: Encoding | WriteStreamOptions | (FileWriteStreamOptions & OpenFileOption),
  ): WriteStream | NodeWriteStream {
    return createWriteStream(this.#runner, path, options)
  }

  /**
   * Downloads a file to this machine. The local file appears when it is complete and has the right
   * size; until then the bytes are in a temporary file beside it. A `localPath` that exists and is
   * not a regular file, such as a pipe, is written directly.
   *
   * @param path of the file on the server
   * @param localPath of the file on this machine; replaced if it exists
   * @param options see DownloadOptions
   * @throws Node's errors for the file on the server and for the local file, each with its path;
   *   ERR_FTP_FILE_CHANGED, ERR_FTP_SHORT_READ, ERR_FTP_LONG_READ
   * @example await vfs.download('/big.zip', './big.zip', { parallel: 4 })
   */
  async download(
    path: PathLike,
    localPath: string | Uint8Array | URL,
    options?: DownloadOptions,
  ): Promise<void> {
    return download(this.#runner, path, localPath, options)
  }

  /**
   * Reports whether the path exists, links followed.
   *
   * Source: Node, fs.exists.
   *
   * @param path of a file or folder
   * @returns false also for an argument that cannot be a path
   * @throws errors that say nothing about the path, such as EACCES or ECONNREFUSED
   */
  async exists(path: PathLike): Promise<boolean> {
    return exists(this.#runner, path)
  }

  /**
   * Finds the paths that match a pattern, one after the other.
   *
   * Patterns know `*`, `?`, `[a-z]`, `{a,b}`, `+(a|b)` and `**`. A name that begins with a dot
   * matches only a pattern that begins with a dot. A backslash is a slash; brackets quote a special
   * character: `[*]`. Names in a pattern are looked up directly and may lead through links. A
   * folder is listed only where a wildcard needs its entries; wildcards do not follow links. A
   * folder that cannot be listed matches nothing.
   *
   * Source: Node, fsPromises.glob; available on every Node, also without that function.
   *
   * @param pattern one pattern or several, relative to `cwd` or absolute; so are the results
   * @param options see GlobOptions
   * @returns an iterator of paths, or of Dirents with `withFileTypes`
   * @example for await (const path of vfs.glob('/logs/*.log')) console.log(path)
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
   * Sets the permission bits as `chmod`, but fails for a link.
   *
   * Source: Node, fsPromises.lchmod.
   *
   * @param path of a file or folder
   * @param mode a number, or a string of octal digits
   * @throws ENOTSUP for a link, because no server has a command for its mode
   */
  async lchmod(path: PathLike, mode: number | string): Promise<void> {
    return lchmod(this.#runner, path, mode)
  }

  /**
   * Fails with ENOTSUP or does nothing, as `chown`.
   *
   * Source: Node, fsPromises.lchown.
   *
   * @param path checked and not used
   * @param uid a whole number, checked and not used
   * @param gid a whole number, checked and not used
   * @throws ENOTSUP
   */
  async lchown(path: PathLike, uid: number, gid: number): Promise<void> {
    return lchown(this.#runner, path, uid, gid)
  }

  /**
   * Fails with ENOTSUP, because FTP has no hard links.
   *
   * Source: Node, fsPromises.link.
   *
   * @param existingPath checked and not used
   * @param newPath checked and not used
   * @throws ENOTSUP
   */
  async link(existingPath: PathLike, newPath: PathLike): Promise<void> {
    return link(this.#runner, existingPath, newPath)
  }

  /**
   * Returns the facts of a path as `stat`, but those of a link itself.
   *
   * Source: Node, fsPromises.lstat.
   *
   * @param path of a file, folder or link
   * @param options `bigint`: BigIntStats instead of Stats; default false
   * @throws ENOENT, ENOTDIR
   */
  async lstat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async lstat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async lstat(path: PathLike, options?: StatOptions): Promise<Stats | BigIntStats> {
    return lstat(this.#runner, path, options)
  }

  /**
   * Sets the time of the last change as `utimes`, but fails for a link.
   *
   * Source: Node, fsPromises.lutimes.
   *
   * @param path of a file or folder
   * @param atime checked and not used
   * @param mtime a Date, or seconds since 1970 as a number or a string
   * @throws ENOTSUP for a link, because no server has a command for its time
   */
  async lutimes(path: PathLike, atime: Time, mtime: Time): Promise<void> {
    return lutimes(this.#runner, path, atime, mtime)
  }

  /**
   * Creates a folder; with `recursive`, the missing folders above it too.
   *
   * Source: Node, fsPromises.mkdir.
   *
   * @param path of the folder
   * @param options `recursive`: default false; `mode` is accepted and left to the server
   * @returns with `recursive` the first folder that was created; undefined if all existed, or if
   *   the replies that name it were lost
   * @throws EEXIST, also with `recursive` for a file at the path; ENOENT; ENOTDIR
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
   * Creates a folder with a unique name: `prefix` and six random characters.
   *
   * Source: Node, fsPromises.mkdtemp.
   *
   * @param prefix the path without those characters
   * @param options `encoding` of the result; default `utf8`
   * @returns the path of the folder
   */
  async mkdtemp(prefix: PathLike, options?: EntryEncoding | { encoding?: EntryEncoding }): Promise<string> {
    return mkdtemp(this.#runner, prefix, options) as Promise<string>
  }

  /**
   * Creates a folder as `mkdtemp`, which `remove()` or the end of an `await using` block removes
   * with all its content.
   *
   * Source: Node 24, fsPromises.mkdtempDisposable.
   *
   * @param prefix the path without the six random characters
   * @returns `path`, `remove()`
   * @example await using folder = await vfs.mkdtempDisposable('/tmp/build-')
   */
  async mkdtempDisposable(prefix: PathLike): Promise<DisposableFolder> {
    return mkdtempDisposable(this.#runner, prefix)
  }

  /**
   * Opens a file. Written bytes stay on this machine until `sync`, `datasync` or `close` stores
   * them; until then others see the old file, and a new file does not exist yet. Several handles of
   * one file behave as in NFS: each handle sees the file as it was at its `open` or last `stat`,
   * with its own writes.
   *
   * Source: Node, fsPromises.open.
   *
   * @param path of the file
   * @param flags `r`, `r+`, `w`, `wx`, `a`, … or the sum of `fs.constants.O_…`; default `r`
   * @param mode accepted, and left to the server
   * @returns a handle, which the caller closes
   * @throws ENOENT, EEXIST, EISDIR, ENOTDIR, EACCES; ENOTSUP with `transferType: 'ascii'`
   */
  async open(
    path: PathLike,
    flags?: string | number | null,
    mode?: number | string | null,
  ): Promise<FileHandle> {
    return open(this.#runner, path, flags, mode)
  }

  /**
   * Returns a file as a Blob, whose bytes are read only on demand. RemoteBlob says which of Node's
   * interfaces accept it.
   *
   * Source: Node, fs.openAsBlob.
   *
   * @param path of the file
   * @param options `type`: the media type, such as `image/png`; default ''
   * @returns a Blob with the size and the time of the file as they are now
   * @throws ERR_INVALID_ARG_VALUE for a path that is no file, with the reason as `cause`. A read of
   *   the Blob fails with NotReadableError if the file has changed since
   */
  async openAsBlob(path: PathLike, options?: OpenAsBlobOptions): Promise<RemoteBlob> {
    return openAsBlob(this.#runner, path, options)
  }

  /**
   * Opens a folder, whose entries are read one by one as the server sends them. Later calls that
   * change the folder do not wait for the end of the listing.
   *
   * Source: Node, fsPromises.opendir.
   *
   * @param path of the folder
   * @param options `encoding` of the names, default `utf8`; `recursive`, default false;
   *   `bufferSize` is accepted and has no effect
   * @returns the folder, which iteration to the end closes
   * @throws ENOENT, ENOTDIR. A read fails with ERR_FTP_LISTING, ERR_FTP_LISTING_TRUNCATED and
   *   others
   * @example for await (const entry of await vfs.opendir('/')) console.log(entry.name)
   */
  async opendir(path: PathLike, options?: EntryEncoding | OpendirOptions): Promise<Dir> {
    return opendir(this.#runner, path, options)
  }

  /**
   * Returns the names or the entries of a folder.
   *
   * Source: Node, fsPromises.readdir.
   *
   * @param path of the folder
   * @param options `encoding`: default `utf8`; `withFileTypes`: Dirents instead of names;
   *   `recursive`: also the entries of the folders below, as paths from `path` on
   * @throws ENOENT, ENOTDIR, ERR_FTP_LISTING, ERR_FTP_LISTING_TRUNCATED
   */
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
   * Returns the content of a file: bytes, or text with an `encoding`.
   *
   * Source: Node, fsPromises.readFile.
   *
   * @param path of the file, or an open FileHandle, whose own `readFile` does the work
   * @param options an encoding, or `encoding`, `signal`, `flag` (only `r`) and `parallel`, the
   *   largest number of connections for a file of at least 4 MiB, default 1
   * @throws ENOENT, EISDIR, ERR_FTP_FILE_CHANGED, ERR_FTP_SHORT_READ, ERR_FTP_LONG_READ
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
   * Returns the target of a link, as the listings of the server show it.
   *
   * Source: Node, fsPromises.readlink.
   *
   * @param path of the link
   * @param options `encoding` of the result; default `utf8`
   * @returns an absolute target below the root of this FtpVfs as a path of this FtpVfs; any other
   *   target as it is on the server
   * @throws EINVAL for a path that is no link; ENOTSUP for a link whose target the server does not
   *   show
   */
  async readlink(path: PathLike, options?: Encoding | { encoding?: Encoding }): Promise<string>
  async readlink(path: PathLike, options: 'buffer' | { encoding: 'buffer' }): Promise<Buffer>
  async readlink(
    path: PathLike,
    options?: EntryEncoding | { encoding?: EntryEncoding },
  ): Promise<string | Buffer> {
    return readlink(this.#runner, path, options)
  }

  /**
   * Returns the absolute path with all links resolved, as far as the server shows them.
   *
   * Source: Node, fsPromises.realpath.
   *
   * @param path of a file or folder
   * @param options `encoding` of the result; default `utf8`
   * @returns the path below the folder of the URL
   * @throws ENOENT, ENOTDIR
   */
  async realpath(path: PathLike, options?: Encoding | { encoding?: Encoding }): Promise<string> {
    return realpath(this.#runner, path, options) as Promise<string>
  }

  /**
   * Renames or moves a file or folder. An existing file at the new path is replaced.
   *
   * Source: Node, fsPromises.rename.
   *
   * @param oldPath of the file or folder; of a link itself
   * @param newPath its new path
   * @throws ENOENT; EISDIR, ENOTDIR and ENOTEMPTY if a folder is in the way; EINVAL for a folder
   *   into itself
   */
  async rename(oldPath: PathLike, newPath: PathLike): Promise<void> {
    return rename(this.#runner, oldPath, newPath)
  }

  /**
   * Removes a file, or with `recursive` a folder and its content. It never follows a link.
   *
   * Source: Node, fsPromises.rm.
   *
   * @param path of a file, folder or link
   * @param options `recursive`, `force` (a missing path is no error), both default false; with
   *   `recursive` also `maxRetries` (default 0) and `retryDelay` (milliseconds, default 100), see
   *   RmOptions
   * @throws ERR_FS_EISDIR for a folder without `recursive`; ENOENT without `force`; ENOTSUP for a
   *   folder that may be a link, see `removeUnsureFolders`
   */
  async rm(path: PathLike, options?: RmOptions): Promise<void> {
    return rm(this.#runner, path, options)
  }

  /**
   * Removes an empty folder; with `recursive`, also its content.
   *
   * Source: Node, fsPromises.rmdir.
   *
   * @param path of the folder
   * @param options `recursive`, `maxRetries`, `retryDelay` as in `rm`
   * @throws ENOTEMPTY, ENOENT, ENOTDIR
   */
  async rmdir(path: PathLike, options?: RemovalOptions): Promise<void> {
    return rmdir(this.#runner, path, options)
  }

  /**
   * Returns the facts of a file or folder, links followed. `dev` is 0; `atime`, `ctime` and
   * `birthtime` equal `mtime`. On a server without MLST, `mode` is the usual mode, and the time of
   * a folder is 0.
   *
   * Source: Node, fsPromises.stat.
   *
   * @param path of a file or folder
   * @param options `bigint`: BigIntStats instead of Stats; default false
   * @throws ENOENT, ENOTDIR
   */
  async stat(path: PathLike, options?: { bigint?: false | undefined }): Promise<Stats>
  async stat(path: PathLike, options: { bigint: true }): Promise<BigIntStats>
  async stat(path: PathLike, options?: StatOptions): Promise<Stats | BigIntStats> {
    return stat(this.#runner, path, options)
  }

  /**
   * Returns the free space: that of AVBL, or the quota of SITE QUOTA (ProFTPD with mod_quotatab).
   * `type` is 0 and `bsize` 4096. AVBL shows only the free space, so that `blocks` is that, too.
   *
   * Source: Node, fsPromises.statfs.
   *
   * @param path of a file or folder
   * @param options `bigint`: bigints instead of numbers; default false
   * @throws ENOTSUP if the server reports no free space
   */
  async statfs(path: PathLike, options?: { bigint?: false | undefined }): Promise<StatFs>
  async statfs(path: PathLike, options: { bigint: true }): Promise<StatFs<bigint>>
  async statfs(path: PathLike, options?: { bigint?: boolean | undefined }): Promise<StatFs | StatFs<bigint>> {
    return statfs(this.#runner, path, options)
  }

  /**
   * Creates a symbolic link by SITE SYMLINK (ProFTPD with mod_site_misc). The server keeps each
   * target as an absolute path: a relative target leads to the same place until it moves.
   *
   * Source: Node, fsPromises.symlink.
   *
   * @param target an absolute path of this FtpVfs, or a path relative to the folder of the link; it
   *   must exist
   * @param path of the link
   * @param type accepted as in Node, without effect
   * @throws ENOTSUP if the server lacks the command, and for a target that does not exist; EEXIST;
   *   EINVAL for a path with a space on an unknown server
   */
  async symlink(target: PathLike, path: PathLike, type?: 'dir' | 'file' | 'junction' | null): Promise<void> {
    return symlink(this.#runner, target, path, type)
  }

  /**
   * Changes the size of a file. Zeros fill a file that grows.
   *
   * Source: Node, fsPromises.truncate.
   *
   * @param path of the file
   * @param len the size in bytes; default 0
   * @throws ENOENT, EISDIR; ENOTSUP with `transferType: 'ascii'`
   */
  async truncate(path: PathLike, len?: number): Promise<void> {
    return truncate(this.#runner, path, len)
  }

  /**
   * Removes a file or a link.
   *
   * Source: Node, fsPromises.unlink.
   *
   * @param path of the file or link
   * @throws ENOENT, EISDIR
   */
  async unlink(path: PathLike): Promise<void> {
    return unlink(this.#runner, path)
  }

  /**
   * Stops the watch that `watchFile` began.
   *
   * Source: Node, fs.unwatchFile.
   *
   * @param path as in `watchFile`
   * @param listener to remove; default all listeners of the path
   */
  unwatchFile(path: PathLike, listener?: StatsListener | StatsListener<BigIntStats>): void {
    unwatchFile(this.#runner, path, listener)
  }

  /**
   * Uploads a local file, and resolves when it is stored and checked. After a lost connection the
   * local file is read again; nothing of it goes to `spoolDirectory`.
   *
   * @param localPath of the file on this machine
   * @param path of the file on the server; replaced if it exists
   * @param options see UploadOptions
   * @throws Node's errors for the local file, before anything is sent, and for the file on the
   *   server, each with its path; EINVAL if the local one is not a regular file;
   *   ERR_FTP_SOURCE_CHANGED if it changes during the upload; ERR_FTP_UPLOAD_VERIFY
   * @example
   * await vfs.upload('./big.zip', '/big.zip', { onProgress: ({ bytes }) => console.log(bytes) })
   */
  async upload(localPath: string | Uint8Array | URL, path: PathLike, options?: UploadOptions): Promise<void> {
    return upload(this.#runner, localPath, path, options)
  }

  /**
   * Sets the time of the last change of a file or folder, in whole seconds. FTP has no time of
   * access.
   *
   * Source: Node, fsPromises.utimes.
   *
   * @param path of a file or folder, links followed
   * @param atime checked and not used
   * @param mtime a Date, or seconds since 1970 as a number or a string
   * @throws ENOTSUP if the server lacks MFMT and `unsupportedMetadata` is not `ignore`
   */
  async utimes(path: PathLike, atime: Time, mtime: Time): Promise<void> {
    return utimes(this.#runner, path, atime, mtime)
  }

  /**
   * Watches a file, or the entries of a folder. FTP has no notifications: the folder is listed, or
   * the file checked, every `interval` milliseconds, and a file that appears and disappears in
   * between is missed.
   *
   * An entry that appears or disappears is a `rename`; another size, time, mode or type is a
   * `change`. On a server without MLSD, times are precise to the minute: two changes within a
   * minute that keep the size of a file are one event. The first `next` starts the watch; it sees
   * what later calls of this FtpVfs change. A watched path that is removed later is a `rename`, and
   * the watch waits for its return.
   *
   * Source: Node, fsPromises.watch.
   *
   * @param path of the file or folder
   * @param options an encoding, or see WatchOptions
   * @returns an iterator of events; its `return` ends the watch
   * @throws ENOENT for a path that is missing at the beginning, and other errors of the server;
   *   AbortError after `signal`; ERR_FTP_CLOSED when the FtpVfs closes
   * @example
   * for await (const event of vfs.watch('/inbox')) console.log(event)
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
   * Calls the listener when the `stat` of a file changes. The watcher checks every `interval`
   * milliseconds; all watchers with the same interval share a flight. A missing file is a Stats of
   * zeros; if it is missing at the beginning, the listener gets a first call. `unwatchFile` or the
   * end of the FtpVfs stops the watch.
   *
   * Source: Node, fs.watchFile.
   *
   * @param path of the file
   * @param options `interval`: milliseconds, default 5007; `bigint`, default false; `persistent`,
   *   default true
   * @param listener gets the current and the previous Stats
   * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_FTP_CLOSED at once, as in Node
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
   * Writes a file, and resolves when it is stored and checked. If `data` is a stream or an
   * iterable, later calls wait only from its end on, as with `createWriteStream`.
   *
   * Source: Node, fsPromises.writeFile.
   *
   * @param path of the file, or an open FileHandle, whose own `writeFile` does the work
   * @param data text, bytes, a stream or an iterable of them
   * @param options an encoding, or `encoding` (default `utf8`), `flag` (default `w`), `mode`,
   *   `flush` and `signal`
   * @throws EEXIST with the flag `wx`; EISDIR, ENOSPC, ERR_FTP_UPLOAD_VERIFY;
   *   ERR_FTP_CONNECTION_LOST if `data` cannot be sent again
   */
  async writeFile(path: PathLike | FileHandle, data: FileData, options?: WriteFileOptions): Promise<void> {
    return writeFile(this.#runner, noDescriptor(path), data, options)
  }
}
