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
import type { ListedFolder } from '../fs/tree.js'
import type { Call } from '../pool/call.js'
import type { EntryInfo } from '../remote/entry.js'
import { NotSupportedError } from '../remote/not-supported.js'
import type { RemotePaths } from '../remote/paths.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import { decodeName, type ByteString, type NameEncoding } from '../wire/names/names.js'

/** What becomes of owner, mode and times that the server cannot keep. */
export type UnsupportedMetadata = 'throw' | 'ignore'

export interface Signal {
  signal?: AbortSignal | undefined
}

type Look = (remote: Remote, call: Call, path: ByteString) => Promise<EntryInfo>

/**
 * What the calls of an FtpVfs are made with. Each call is a function with this as its first parameter, in a file of its
 * own: it throws at once for arguments that Node refuses, and returns a promise of all else. So the same function
 * stands behind the method of `FtpVfs`, which rejects, and behind the callback function of `vfs.fs`, which throws.
 */
export class CallRunner {
  /** `descriptors`: the open files, by their numbers. */
  constructor(
    readonly remote: Remote,
    readonly paths: RemotePaths,
    readonly order = new PathOrder(),
    readonly unsupportedMetadata: UnsupportedMetadata | undefined = undefined,
    readonly descriptors = new Descriptors<FileHandle>(),
    readonly watchers = new Watchers(),
  ) {}

  /** The same, but what the server cannot keep of owner, mode and times is passed over, unless the option says otherwise. */
  ignoringMetadata(): CallRunner {
    if (this.unsupportedMetadata !== undefined) return this
    const { remote, paths, order, descriptors, watchers } = this
    return new CallRunner(remote, paths, order, 'ignore', descriptors, watchers)
  }

  /** Sets owner, mode or times. Where there is no command for it, it is an error or is passed over, as the option has it. */
  async metadata(syscall: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.unsupportedMetadata !== 'ignore' || !(error instanceof NotSupportedError)) throw error
      const text = `${syscall} does nothing here: ${error.message} (unsupportedMetadata)`
      this.remote.pool.log.warn(0, 'FTP_VFS_UNSUPPORTED_METADATA', text)
    }
  }

  /** The encoding in which the server keeps its names. */
  get encoding(): NameEncoding {
    return this.remote.pool.options.encoding
  }

  /** The path of a call. `syscall`: of the error for an empty one. */
  target(path: PathLike, syscall: string, name?: string): CallPath {
    return callPath(this.paths, path, syscall, name)
  }

  /** Does the work in its turn, as the order of calls on the paths has it. */
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

  /** As `run`, with the paths and the syscall in its errors. */
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

  /** What is there, by `stat` or one of its like; a path that ends with a slash has to name a folder. */
  info(syscall: string, target: CallPath, ask: typeof statPath): Promise<EntryInfo> {
    if (!target.folder) return this.call(syscall, target, 'read', call => ask(this.remote, call, target.path))
    return this.call(syscall, target, 'read', async call => {
      const info = await ask(this.remote, call, target.path)
      if (info.type !== 'directory') throw new RefusedError('ENOTDIR')
      return info
    })
  }

  /** Work on a path that has to name a folder if it ends with a slash. `ask`: `lstat` where links are not followed. */
  onFolder<T>(
    target: CallPath,
    work: (call: Call) => Promise<T>,
    ask: Look = statPath,
  ): (call: Call) => Promise<T> {
    // Of `/` nothing has to be asked.
    if (!target.folder || target.path === '/') return work
    return async call => {
      await this.refuseFile(call, target, ask)
      return work(call)
    }
  }

  async refuseFile(call: Call, { path }: CallPath, ask: Look = statPath): Promise<void> {
    if ((await ask(this.remote, call, path)).type !== 'directory') throw new RefusedError('ENOTDIR')
  }

  text(path: ByteString): string {
    return decodeName(path, this.encoding)
  }

  dirents(
    root: CallPath,
    { folder, entries }: ListedFolder,
    encoding: EntryEncoding,
  ): Dirent<string | Buffer>[] {
    const below = this.text(relative(root.path, folder))
    const parent = below === '' ? root.given : `${root.given.replace(/\/+$/, '')}/${below}`
    return entries.map(({ name, type }) => new Dirent(entryName(name, encoding, this.encoding), parent, type))
  }

  /** The paths of a folder's entries, seen from the folder that was listed. */
  names(root: CallPath, { folder, entries }: ListedFolder, encoding: EntryEncoding): (string | Buffer)[] {
    const below = relative(root.path, folder)
    const before = below === '' ? '' : `${below}/`
    return entries.map(({ name }) => entryName(before + name, encoding, this.encoding))
  }
}

/** The path of what lies below a folder, seen from there; that of the folder itself is empty. */
function relative(root: ByteString, path: ByteString): ByteString {
  return path.slice(root === '/' ? 1 : root.length + 1)
}
