import type { FileAccess } from '../../node/flags.js'
import type { Call } from '../../pool/call.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import { decodeName, dirname, type ByteString } from '../../wire/names/names.js'
import { isUnknownCommand } from '../../wire/reply/replies.js'
import { isAscii, notInAscii } from '../ascii.js'
import { ask } from '../ask.js'
import type { EntryInfo } from '../entry.js'
import { FileContent } from './file-content.js'
import { kindsOf } from '../stat/probe-kinds.js'
import type { Piece } from './pending-writes.js'
import { fileChanged } from '../read/file-version.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { toldFacts } from '../stat/facts.js'
import { pathExists, mayBeLink, sizeOf, statPath } from '../stat/stat.js'
import { replacesAtAppend } from '../write/can-append.js'
import { checkPath } from '../write/check-path.js'
import { leaving } from '../write/leaving.js'
import { storeAsItIs } from '../write/store-file.js'
import type { UploadSettings } from '../write/upload.js'

// To change a range takes some round trips: with more ranges than one for so many bytes the whole
// file is sent sooner.
const bytesPerPatch = 128 * 1024

/**
 * A file that is read and written at any place: as the server has it, with what was written here,
 * which is kept here until `flush` stores it.
 */
export class OpenFile {
  readonly #content: FileContent
  /** What the server has told last; undefined of a file that is not there. */
  #info: EntryInfo | undefined
  /** It is stored even if nothing was written. */
  #toMake: boolean
  /** The file on the server is ours, though it may be incomplete. */
  #ours = false
  /**
   * All that the file holds is here: of the server's nothing is needed, which may be incomplete by
   * now.
   */
  #collected = false
  /** What was stored last is incomplete. */
  #torn = false
  /** Of an append that left something: to append it again could store it twice. */
  #appendFailed: Error | undefined
  /** When it was changed here. */
  #changed = Date.now()

  private constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly access: FileAccess,
    info: EntryInfo | undefined,
  ) {
    this.#info = info
    this.#toMake = access.truncate || !info
    // What is not there is known to be empty; what is emptied need not be known.
    this.#content = new FileContent(remote, call, path, sizeIn(info), !info || access.truncate)
    if (access.truncate) this.#content.size = this.#content.kept = 0
  }

  /**
   * Looks at what is there. `folder`: the path ends with a slash. Throws RefusedError: ENOENT,
   * EEXIST, EISDIR where a folder is to be written, ENOTDIR, EACCES, ENOTSUP with transferType `ascii`.
   */
  static async open(
    remote: Remote,
    call: Call,
    path: ByteString,
    access: FileAccess,
    folder = false,
  ): Promise<OpenFile> {
    const { write, create, truncate: truncate, exclusive } = access
    if (isAscii(remote)) throw notInAscii()
    if (folder && create) {
      // As open(2) has it: a new name needs the folder above it.
      const { type } = await statPath(remote, call, dirname(path))
      throw new RefusedError(type === 'directory' ? 'EISDIR' : 'ENOTDIR')
    }
    const [info, taken] = await Promise.all([
      create ? lookUp(remote, call, path) : statPath(remote, call, path),
      exclusive && pathExists(remote, call, path),
    ])
    if (taken) throw new RefusedError('EEXIST')
    if (info?.type === 'directory') {
      if (write || create || truncate) throw new RefusedError('EISDIR')
    } else if (folder) {
      throw new RefusedError('ENOTDIR')
    }
    return new OpenFile(remote, call, path, access, info)
  }

  /**
   * Fills `into` from the position on; resolves with how many bytes there were, 0 at the end.
   * EISDIR for a folder.
   */
  async read(into: Uint8Array, position: number): Promise<number> {
    if (this.#isFolder) throw new RefusedError('EISDIR')
    return this.#content.read(into, position)
  }

  /**
   * Takes a copy. With `append` it goes to the end, wherever it was to go. Resolves with the
   * position behind it.
   */
  async write(chunk: Uint8Array, position: number): Promise<number> {
    await this.#lookBefore()
    const start = this.access.append ? this.#content.size : position
    await this.#content.write(chunk, start)
    if (chunk.length > 0) this.#changed = Date.now()
    return start + chunk.length
  }

  /** Cuts it, or adds zeros. */
  async truncate(size: number): Promise<void> {
    await this.#lookBefore()
    if (size === this.#content.size) return
    await this.#content.truncate(size)
    this.#changed = Date.now()
  }

  /**
   * What is there, with what was written here. Where nothing was, it is as the server has it now:
   * for `read` too.
   */
  async stat(): Promise<EntryInfo> {
    const info = await this.#look()
    if (info?.type === 'directory') return info
    const { size } = this.#content
    const known = info ?? this.#info ?? { type: 'file' }
    if (this.dirty) return { ...known, size, mtime: this.#changed }
    if (!info) return { mtime: this.#changed, ...known, size }
    const other = info.size !== this.#content.told || info.mtime !== this.#info?.mtime
    if (other) await this.#content.begin(sizeIn(info), false)
    this.#info = info
    return info
  }

  /** Something is to be stored: written, cut, or to be made. */
  get dirty(): boolean {
    return !this.#isFolder && (this.#toMake || this.#content.changed)
  }

  /**
   * Stores and verifies what was written. When it fails, that is still here, to be stored again.
   * Where something incomplete was left, `incomplete` in the error is its path, and of an append
   * the same error comes again then. Throws ERR_FTP_FILE_CHANGED where the file is another than
   * when it was opened, and a part of it was to stay as it was; RefusedError.
   */
  async flush(): Promise<void> {
    if (!this.dirty) return
    if (this.#appendFailed) throw this.#appendFailed
    // Its session may be the only one.
    await this.#content.rest()
    if (this.#torn) await this.#lookAgain()
    const size = await this.#store()
    await this.#content.begin(size, true)
    this.#ours = true
    this.#toMake = this.#collected = false
  }

  /** Ends its segment and disposes of the temporary file. It does not store. */
  close(): Promise<void> {
    return this.#content.close()
  }

  get #isFolder(): boolean {
    return this.#info?.type === 'directory'
  }

  async #look(): Promise<EntryInfo | undefined> {
    try {
      return await statPath(this.remote, this.call, this.path)
    } catch (error) {
      // It was not made yet, or somebody has removed it: as on a local disk, the handle is still
      // good.
      if (error instanceof RefusedError && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  /**
   * A file that is made for others to find may be filled by them, as a swap file is by a copy of
   * the original.
   */
  async #lookBefore(): Promise<void> {
    if (this.access.exclusive && this.#ours && !this.dirty) await this.stat()
  }

  /** After an attempt that has left something: what is kept must be there still. */
  async #lookAgain(): Promise<void> {
    const stored = (await sizeOf(this.remote, this.call, this.path)) ?? 0
    if (stored < this.#content.kept) throw fileChanged()
    await this.#content.restart(stored)
    this.#torn = false
  }

  /** Resolves with the size of what is on the server then. */
  async #store(): Promise<number> {
    const content = this.#content
    // What is stored anew would be without it.
    if (content.stored === 0) await content.measure()
    const { size, stored, kept } = content
    if (kept === stored) {
      const isNew = this.access.exclusive && !this.#ours
      if (this.access.append && !isNew && (await this.#canAppend()))
        return this.#write({ mode: 'append' }, stored, size)
      if (kept > 0 && (await this.#changeInPlace())) return size
    }
    if (kept > 0) {
      await content.collect()
      await content.rest()
      this.#collected = true
    }
    const facts = this.#collected ? content.facts : undefined
    return this.#write({ mode: 'replace', keep: this.#collected, facts }, 0, content.size)
  }

  /**
   * Sends what differs, and nothing else. False where that cannot be done, or costs more than to
   * send it all.
   */
  async #changeInPlace(): Promise<boolean> {
    const { changes, stored } = this.#content
    const { server } = this.remote.pool
    const [first] = changes
    if (first!.start < stored) {
      const few = changes.length === 1 || changes.length * bytesPerPatch <= stored
      // REST 0 is no position: the file would be cut.
      const inPlace = server.can.patch.usable
      if (!inPlace || first!.start === 0 || !few) return false
    } else if (!(await this.#canAppend())) {
      return false
    }
    try {
      await this.#sendChanges(changes)
      return true
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'ENOTSUP') return false
      throw error
    }
  }

  /** Whether APPE goes on with what is there, as far as it is known. */
  async #canAppend(): Promise<boolean> {
    const { remote, call, path } = this
    if (this.#content.stored === 0) return true
    return !remote.pool.server.can.append.failed && !(await replacesAtAppend(remote, call, path))
  }

  async #sendChanges(changes: readonly Piece[]): Promise<void> {
    const { stored, told } = this.#content
    let { facts } = this.#content
    for (const [index, { start, end }] of changes.entries()) {
      const mode = start === stored ? 'append' : 'patch'
      try {
        await this.#write({ mode, start, facts, followed: index < changes.length - 1 }, start, end)
      } catch (error) {
        if (index === 0) throw error
        this.#torn = true
        throw leaving(error, decodeName(this.path, this.remote.pool.options.encoding))
      }
      // Its time is another now, because of us.
      facts = { size: told }
    }
  }

  async #write(options: UploadSettings, start: number, end: number): Promise<number> {
    const { remote, call, path, access } = this
    const source = this.#content.source(start, end)
    const exclusive = access.exclusive && !this.#ours
    if (exclusive) await checkPath(remote, call, path, { exclusive })
    try {
      return await storeAsItIs(remote, call, path, source, { ...options, exclusive })
    } catch (error) {
      const failed = error as Error
      if ((failed as { incomplete?: unknown }).incomplete !== undefined) {
        // Whose it is after a loss is not known: it is not stored over.
        this.#ours = !(exclusive && error instanceof ConnectionLostError)
        // How much of it is there nobody can say, where others may append, too.
        if (options.mode === 'append' && !options.facts) this.#appendFailed = failed
        else this.#torn = true
      }
      throw failed
    }
  }
}

/** The size that has to be known of a file, or it would be read as an empty one. */
function sizeIn(info: EntryInfo | undefined): number {
  if (info?.type === 'file' && info.size === undefined) {
    throw new RefusedError('ENOTSUP', undefined, 'the server does not tell the size of the file')
  }
  return info?.size ?? 0
}

/**
 * What is there, in one flight if it is a file or there is none; undefined where one can be made.
 */
async function lookUp(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo | undefined> {
  const [found, [above]] = await Promise.all([
    toldFacts(remote, call, path),
    ask(remote, call, kindsOf([dirname(path)])),
  ])
  const { info, refusal } = found
  if (info && !mayBeLink(info, remote.pool.server)) return info
  if (!info && above === 'directory' && !isUnknownCommand(refusal)) return undefined
  try {
    return await statPath(remote, call, path, found)
  } catch (error) {
    // A link to nothing: what it leads to can be made.
    if (above === 'directory' && error instanceof RefusedError && error.code === 'ENOENT') return undefined
    throw error
  }
}
