import { checkAborted, checkSignal } from '../node/arguments.js'
import { Descriptors } from '../node/descriptors.js'
import { Dirent } from '../node/dirent.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import { abortError } from '../node/node-errors.js'
import { failure } from '../fs/failure.js'
import type { FileHandle } from '../fs/file-handle.js'
import { PathOrder, type PathAccess, type Reservation, type PathUse } from '../fs/path-order.js'
import { callPath, type PathLike, type CallPath } from '../fs/call-path.js'
import { Watchers } from '../fs/watchers.js'
import type { ListedFolder } from '../fs/walk.js'
import type { Call } from '../pool/call.js'
import type { EntryInfo } from '../remote/entry.js'
import { NotSupportedError } from '../remote/not-supported.js'
import type { RemotePaths } from '../remote/paths.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import { decodeName, type ByteString, type NameEncoding } from '../wire/names/names.js'

/** What to do with an owner, a mode or a time that the server cannot set. */
export type UnsupportedMetadata = 'throw' | 'ignore'

/** The option `signal`, which aborts a call with an AbortError. */
export interface Signal {
  signal?: AbortSignal | undefined
}

type Look = (remote: Remote, call: Call, path: ByteString) => Promise<EntryInfo>

/**
 * The surroundings of the calls of an FtpVfs. Each call is a function in a file of its own with the
 * runner as its first parameter. The function throws at once for an argument that Node refuses, and
 * otherwise returns a promise. So one function serves the method of `FtpVfs`, which always rejects,
 * and the callback function of `vfs.fs`, which throws as Node does.
 */
export class CallRunner {
  /** The `descriptors` map numbers to open files. */
  constructor(
    readonly remote: Remote,
    readonly order = new PathOrder(),
    readonly unsupportedMetadata: UnsupportedMetadata | undefined = undefined,
    readonly descriptors = new Descriptors<FileHandle>(),
    readonly watchers = new Watchers(),
  ) {}

  /** The same runner, but with `ignore` as the default of `unsupportedMetadata`. */
  ignoringMetadata(): CallRunner {
    if (this.unsupportedMetadata !== undefined) return this
    const { remote, order, descriptors, watchers } = this
    return new CallRunner(remote, order, 'ignore', descriptors, watchers)
  }

  /**
   * Sets owner, mode or times. The option `unsupportedMetadata` decides about a missing command.
   */
  async metadata(syscall: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.unsupportedMetadata !== 'ignore' || !(error instanceof NotSupportedError)) throw error
      const text = `${syscall} does nothing here: ${error.message} (unsupportedMetadata)`
      this.remote.pool.log.warn(0, 'FTP_VFS_UNSUPPORTED_METADATA', text)
    }
  }

  get paths(): RemotePaths {
    return this.remote.paths
  }

  /** The encoding of names on the server. */
  get encoding(): NameEncoding {
    return this.remote.pool.options.encoding
  }

  /** The checked path of a call. `syscall` is for the error of an empty path. */
  target(path: PathLike, syscall: string, name?: string): CallPath {
    return callPath(this.paths, path, syscall, name)
  }

  /** Does the work after the earlier calls that conflict on these paths. */
  run<T>(
    { signal }: Signal,
    uses: readonly PathUse[],
    work: (call: Call) => Promise<T>,
    failure?: (error: unknown) => Error,
  ): Promise<T> {
    checkSignal(signal)
    checkAborted(signal)
    let reservation: Reservation | undefined
    const inTurn = (call: Call): Promise<T> => {
      if (uses.length > 0) reservation = this.order.reserve(...uses)
      return reservation && reservation.waits > 0 ? reservation.turn(call).then(() => work(call)) : work(call)
    }
    return this.remote.pool.runCall(signal, () => abortError(signal), inTurn, {
      over: done => reservation?.leave(done),
      ...(failure && { failure }),
    })
  }

  /** As `run`, with the paths and the syscall in the errors. */
  call<T>(
    syscall: string,
    target: CallPath,
    access: PathAccess,
    work: (call: Call) => Promise<T>,
    dest?: CallPath,
  ): Promise<T> {
    const uses: PathUse[] = [[access, target.path]]
    if (dest) uses.push(['change', dest.path])
    return this.run({}, uses, work, error => failure(error, syscall, target.given, dest?.given))
  }

  /**
   * The facts of the path, by `stat` or a similar question. A path that ends with a slash must be a
   * folder.
   */
  info(syscall: string, target: CallPath, ask: typeof statPath): Promise<EntryInfo> {
    if (!target.folder) return this.call(syscall, target, 'read', call => ask(this.remote, call, target.path))
    return this.call(syscall, target, 'read', async call => {
      const info = await ask(this.remote, call, target.path)
      if (info.type !== 'directory') throw new RefusedError('ENOTDIR')
      return info
    })
  }

  /**
   * Work on a path, which must be a folder if it ends with a slash. `ask`: `lstat` if links are not
   * followed.
   */
  onFolder<T>(
    target: CallPath,
    work: (call: Call) => Promise<T>,
    ask: Look = statPath,
  ): (call: Call) => Promise<T> {
    // `/` is always a folder.
    if (!target.folder || target.path === '/') return work
    return async call => {
      await this.refuseFile(call, target, ask)
      return work(call)
    }
  }

  /** Throws ENOTDIR for a path that is no folder, and the errors of the question. */
  async refuseFile(call: Call, { path }: CallPath, ask: Look = statPath): Promise<void> {
    if ((await ask(this.remote, call, path)).type !== 'directory') throw new RefusedError('ENOTDIR')
  }

  text(path: ByteString): string {
    return decodeName(path, this.encoding)
  }

  /** The entries of a listed folder, which is `root` or lies below it, as Dirents. */
  dirents(
    root: CallPath,
    { folder, entries }: ListedFolder,
    encoding: EntryEncoding,
  ): Dirent<string | Buffer>[] {
    const below = this.text(relative(root.path, folder))
    const parent = below === '' ? root.given : `${root.given.replace(/\/+$/, '')}/${below}`
    return entries.map(({ name, type }) => new Dirent(entryName(name, encoding, this.encoding), parent, type))
  }

  /** The paths of the entries of a listed folder, relative to `root`. */
  names(root: CallPath, { folder, entries }: ListedFolder, encoding: EntryEncoding): (string | Buffer)[] {
    const below = relative(root.path, folder)
    const before = below === '' ? '' : `${below}/`
    return entries.map(({ name }) => entryName(before + name, encoding, this.encoding))
  }
}

/** The path relative to a folder above; empty for the folder itself. */
function relative(root: ByteString, path: ByteString): ByteString {
  return path.slice(root === '/' ? 1 : root.length + 1)
}
