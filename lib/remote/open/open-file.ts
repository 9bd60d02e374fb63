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
import { checkedFacts } from '../stat/facts.js'
import { pathExists, mayBeLink, sizeOf, statPath } from '../stat/stat.js'
import { replacesAtAppend } from '../write/can-append.js'
import { checkPath } from '../write/check-path.js'
import { withIncomplete } from '../write/with-incomplete.js'
import { storeAsItIs } from '../write/store-file.js'
import type { UploadSettings } from '../write/upload.js'

// Bytes of the file per changed range. Each range takes some round trips: with more ranges than
// that, it is faster to send the whole file.
const bytesPerPatch = 128 * 1024

/**
 * A file that is read and written at any position: the file on the server, with pending writes that
 * `flush` stores.
 */
export class OpenFile {
  readonly #content: FileContent
  /** What the server reported last. Undefined for a file that does not exist. */
  #info: EntryInfo | undefined
  /** The file must be stored even if nothing was written. */
  #toMake: boolean
  /** The file on the server is ours, although it may be incomplete. */
  #ours = false
  /**
   * The whole content is here. The file on the server is not needed, and may be incomplete by now.
   */
  #collected = false
  /** The last store left an incomplete file. */
  #torn = false
  /** The error of an append that left something: a second append could store bytes twice. */
  #appendFailed: Error | undefined
  /** When the file was last changed here, in milliseconds. */
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
    // A missing file is known to be empty, and the size of a truncated file does not matter.
    this.#content = new FileContent(remote, call, path, sizeIn(info), !info || access.truncate)
    if (access.truncate) this.#content.size = this.#content.kept = 0
  }

  /**
   * Opens the file at the path. `folder`: the path ends with a slash. Throws RefusedError: ENOENT,
   * EEXIST, EISDIR for a folder opened to write, ENOTDIR, EACCES, ENOTSUP with transferType
   * `ascii`.
   */
  static async open(
    remote: Remote,
    call: Call,
    path: ByteString,
    access: FileAccess,
    folder = false,
  ): Promise<OpenFile> {
    const { write, create, truncate, exclusive } = access
    if (isAscii(remote)) throw notInAscii()
    if (folder && create) {
      // As in open(2): a new name needs its parent folder.
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
   * Fills `into` from the position on. Resolves with the number of bytes, 0 at the end. Throws
   * EISDIR for a folder.
   */
  async read(into: Uint8Array, position: number): Promise<number> {
    if (this.#isFolder) throw new RefusedError('EISDIR')
    return this.#content.read(into, position)
  }

  /**
   * Writes a copy of the chunk. With `append` it goes to the end, whatever the position. Resolves
   * with the position behind it.
   */
  async write(chunk: Uint8Array, position: number): Promise<number> {
    await this.#lookBefore()
    const start = this.access.append ? this.#content.size : position
    await this.#content.write(chunk, start)
    if (chunk.length > 0) this.#changed = Date.now()
    return start + chunk.length
  }

  /** Truncates the file, or extends it with zeros. */
  async truncate(size: number): Promise<void> {
    await this.#lookBefore()
    if (size === this.#content.size) return
    await this.#content.truncate(size)
    this.#changed = Date.now()
  }

  /**
   * The entry, with the changes made here. Without changes it is the present one of the server,
   * which `read` then uses, too.
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

  /** The file must be stored: it was written, truncated, or is to be created. */
  get dirty(): boolean {
    return !this.#isFolder && (this.#toMake || this.#content.changed)
  }

  /**
   * Stores and verifies the changes. After a failure they are still here, and can be stored again.
   * If an incomplete file is left, the property `incomplete` of the error is its path, and after an
   * append every later flush throws the same error. Throws ERR_FTP_FILE_CHANGED if the file has
   * changed since it was opened, and a part of it was to be kept. Throws RefusedError.
   */
  async flush(): Promise<void> {
    if (!this.dirty) return
    if (this.#appendFailed) throw this.#appendFailed
    // The session of the read-ahead may be the only one.
    await this.#content.rest()
    if (this.#torn) await this.#lookAgain()
    const size = await this.#store()
    await this.#content.begin(size, true)
    this.#ours = true
    this.#toMake = this.#collected = false
  }

  /** Ends the segment and disposes of the temporary file. Does not store. */
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
      // Not created yet, or removed by another client. As on a local disk, the handle stays valid.
      if (error instanceof RefusedError && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  /**
   * Before a change, asks for the state of a file that was created exclusively: another client may
   * have filled it, as an editor fills a swap file with a copy of the original.
   */
  async #lookBefore(): Promise<void> {
    if (this.access.exclusive && this.#ours && !this.dirty) await this.stat()
  }

  /** After an attempt that left an incomplete file, checks that it still has the kept bytes. */
  async #lookAgain(): Promise<void> {
    const stored = (await sizeOf(this.remote, this.call, this.path)) ?? 0
    if (stored < this.#content.kept) throw fileChanged()
    await this.#content.restart(stored)
    this.#torn = false
  }

  /** Stores the content. Resolves with the new size on the server. */
  async #store(): Promise<number> {
    const content = this.#content
    // Bytes that SIZE did not report would be missing from the new file.
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
   * Sends only the changed ranges. False if that is impossible, or costs more than to send the
   * whole file.
   */
  async #changeInPlace(): Promise<boolean> {
    const { changes, stored } = this.#content
    const { server } = this.remote.pool
    const [first] = changes
    if (first!.start < stored) {
      const few = changes.length === 1 || changes.length * bytesPerPatch <= stored
      // STOR behind REST 0 truncates the file.
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

  /** Whether APPE continues the file, as far as is known. */
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
        throw withIncomplete(error, decodeName(this.path, this.remote.pool.options.encoding))
      }
      // This upload has changed the time of the file.
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
        // After a loss the author of the file is unknown: it is not overwritten.
        this.#ours = !(exclusive && error instanceof ConnectionLostError)
        // If others may append, too, the number of stored bytes of ours is unknown.
        if (options.mode === 'append' && !options.facts) this.#appendFailed = failed
        else this.#torn = true
      }
      throw failed
    }
  }
}

/** The size of a file. Throws if it is unknown: the file would be read as an empty one. */
function sizeIn(info: EntryInfo | undefined): number {
  if (info?.type === 'file' && info.size === undefined) {
    throw new RefusedError('ENOTSUP', undefined, 'the server does not tell the size of the file')
  }
  return info?.size ?? 0
}

/**
 * The entry at the path, in one flight if it is a file or missing. Undefined if a file can be
 * created there.
 */
async function lookUp(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo | undefined> {
  const [found, [above]] = await Promise.all([
    checkedFacts(remote, call, path),
    ask(remote, call, kindsOf([dirname(path)])),
  ])
  const { info, refusal } = found
  if (info && !mayBeLink(info, remote.pool.server)) return info
  if (!info && above === 'directory' && !isUnknownCommand(refusal)) return undefined
  try {
    return await statPath(remote, call, path, found)
  } catch (error) {
    // A dangling link: the file that it leads to can be created.
    if (above === 'directory' && error instanceof RefusedError && error.code === 'ENOENT') return undefined
    throw error
  }
}
