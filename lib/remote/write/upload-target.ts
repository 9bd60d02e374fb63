import { Call } from '../../pool/call.js'
import { decodeName, type ByteString } from '../../wire/names/names.js'
import { removeFile } from '../change/remove.js'
import { refuseUnsafeNames, refuseRewrittenName } from '../names/unsafe-names.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { renamePath } from '../change/rename.js'
import { temporaryName } from '../temporary-name.js'
import { checkPath } from './check-path.js'
import { isUnchanged, resolved, type FileState } from './file-state.js'
import { inspectFile } from './inspect-file.js'

export interface TargetSettings {
  /** The bytes go to a temporary name first. */
  readonly atomic: boolean
  /** An incomplete file is of no use, and is removed. */
  readonly removable: boolean
  /** The name must be free. */
  readonly exclusive: boolean
}

/**
 * Where the bytes of an upload go: the file itself, or a temporary name beside it; and what of it
 * is ours.
 */
export class UploadTarget {
  /** The name that the bytes go to. */
  path: ByteString
  #dot: boolean
  /** What stood there before anything was sent. */
  #original: FileState
  /** How many STOR and APPE were sent that may have changed what stands there. */
  #commands = 0
  /**
   * What the server has called stored and whole, as it told it then, and behind which of the
   * commands.
   */
  #stored: { state: FileState; commands: number } | undefined

  /** It has been told that what stands there is ours. */
  #ours = false
  /** Temporary names that sessions which were lost may still write to. */
  readonly #older: ByteString[] = []

  /** `file`: the path of the file. */
  constructor(
    readonly remote: Remote,
    readonly file: ByteString,
    readonly settings: TargetSettings,
  ) {
    const { atomic } = settings
    this.#dot = remote.pool.server.can.dotFiles.usable
    this.path = this.#name()
    this.#original = atomic ? 'missing' : 'unknown'
  }

  /** What stands there, where that is known without a question. */
  get known(): FileState {
    return this.touched ? 'unknown' : this.#original
  }

  /** What stands there may be another file than before, because of us. */
  get touched(): boolean {
    return this.#commands > 0
  }

  /**
   * The name had to be free, and nothing has told yet that what stands there is ours: it is neither
   * replaced nor removed.
   */
  get mayBeAnothers(): boolean {
    const { atomic, exclusive } = this.settings
    return exclusive && !atomic && !this.#ours
  }

  /** What stands there is ours, though it may not be whole. */
  isOurs(): void {
    this.#ours = true
  }

  /** What stands there is another's: nothing of ours is. */
  isAnothers(): void {
    this.#commands = 0
  }

  get atomic(): boolean {
    return this.settings.atomic
  }

  /** Throws EINVAL for a name that the server would take for another, or store as another. */
  check(): void {
    for (const name of [this.file, this.path]) {
      refuseUnsafeNames(this.remote, name)
      refuseRewrittenName(this.remote, name)
    }
  }

  /** What stood there before the first command has been told. */
  saw(before: FileState): void {
    if (this.#original === 'unknown') this.#original = before
  }

  /** A command is sent that may change what stands there. */
  touch(): void {
    this.#commands += 1
    this.noteChange()
  }

  /** The command that was sent last was refused, and has changed nothing. */
  refused(): void {
    this.#commands -= 1
  }

  /** The server has said of the last byte that it is stored. */
  stored(state: FileState): void {
    this.#stored = { state, commands: this.#commands }
  }

  /** What was known of the file counts no longer. */
  noteChange(): void {
    this.remote.statCache?.change([this.path, this.file])
  }

  /** Takes a temporary name without a dot, where the first one may have been refused for that. */
  dropDot(): boolean {
    if (!this.atomic || !this.#dot || this.touched) return false
    this.#dot = false
    this.path = this.#name()
    return true
  }

  /**
   * A session was lost, and all is sent again: to another temporary name, since the server may open
   * the first one late (Pure-FTPd 1.0.50), and empty what has been stored there by then.
   */
  renew(): void {
    if (!this.atomic || !this.touched) return
    this.#older.push(this.path)
    this.path = this.#name()
    this.#commands = 0
    this.#stored = undefined
  }

  /** What was stored is whole, and gets the file's name. */
  async finish(call: Call): Promise<void> {
    if (this.atomic) {
      if (!this.#dot) this.remote.pool.server.can.dotFiles.fail()
      await this.#rename(call)
    }
    this.#commands = 0
    await this.#removeOlder(call)
  }

  /**
   * Removes what is incomplete, if it is ours: if what stood there before was another. Resolves
   * with the path of what stays and is not known to be whole, if anything. What the server has
   * called stored stays, but for a temporary file whose upload was cancelled. `turn`: waited for
   * before anything is removed.
   */
  async discard(cancelled: boolean, turn?: () => Promise<void> | undefined): Promise<string | undefined> {
    const left = await this.#discardPath(cancelled, turn)
    const older = await this.#removeOlder(new Call())
    return left ?? older
  }

  /** A path as errors show it. */
  shown(path = this.file): string {
    return decodeName(path, this.remote.pool.options.encoding)
  }

  async #discardPath(
    cancelled: boolean,
    turn: (() => Promise<void> | undefined) | undefined,
  ): Promise<string | undefined> {
    if (!this.touched) return undefined
    this.noteChange()
    const left = this.shown(this.path)
    const stored = this.atomic && cancelled ? undefined : this.#stored
    if (stored && (stored.commands === this.#commands || typeof stored.state === 'string')) return left
    await turn?.()
    // The call may be cancelled: this is not part of it any more.
    const call = new Call()
    const { state, bySize = false } = await inspectFile(this.remote, call, this.path)
    if (this.mayBeAnothers) return state === 'missing' ? undefined : left
    const { removable } = this.settings
    const original = resolved(this.#original, bySize)
    const unchanged = !this.atomic && isUnchanged(original, state)
    if (state === 'missing' || (unchanged && removable)) return undefined
    const ours = this.atomic || (original !== 'unknown' && state !== 'unknown')
    if (!ours || !(this.atomic || removable) || (stored && isUnchanged(stored.state, state))) return left
    return this.#remove(call, this.path, state !== 'unknown')
  }

  /** Resolves with the first of the older temporary names that stays, if any. */
  async #removeOlder(call: Call): Promise<string | undefined> {
    const left: (string | undefined)[] = []
    for (const path of this.#older.splice(0)) left.push(await this.#remove(call, path, false))
    return left.find(path => path !== undefined)
  }

  /** Resolves with the path of what stays. */
  async #remove(call: Call, path: ByteString, isThere: boolean): Promise<string | undefined> {
    try {
      await removeFile(this.remote, call, path, { isThere })
      return undefined
    } catch (error) {
      return error instanceof RefusedError && error.code === 'ENOENT' ? undefined : this.shown(path)
    }
  }

  #name(): ByteString {
    if (!this.atomic) return this.file
    return temporaryName(this.file, { encoding: this.remote.pool.options.encoding, dot: this.#dot })
  }

  async #rename(call: Call): Promise<void> {
    const { exclusive } = this.settings
    try {
      if (exclusive) await checkPath(this.remote, call, this.file, { exclusive })
      await renamePath(this.remote, call, this.path, this.file, { isThere: true, exclusive })
    } catch (error) {
      // A refusal leaves the old file as it was; after anything else the new one may be the only
      // one.
      if (error instanceof RefusedError && !('incomplete' in error)) this.#stored = undefined
      throw error
    }
  }
}
