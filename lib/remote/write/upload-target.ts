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
  /** An incomplete file is useless, and is removed. */
  readonly removable: boolean
  /** The name must be free. */
  readonly exclusive: boolean
}

/**
 * The path that an upload writes to: the file itself, or a temporary name beside it. Tracks which
 * files there are ours.
 */
export class UploadTarget {
  /** The path that the bytes go to. */
  path: ByteString
  #dot: boolean
  /** The state of the path before anything was sent. */
  #original: FileState
  /** How many STOR and APPE were sent that may have changed the file at the path. */
  #commands = 0
  /**
   * The state that the server reported with its confirmation of the whole file, and the number of
   * commands by then.
   */
  #stored: { state: FileState; commands: number } | undefined

  /** The file at the path is known to be ours. */
  #ours = false
  /** Temporary names that lost sessions may still write to. */
  readonly #older: ByteString[] = []

  /** `file`: the final path of the file. */
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

  /** The state of the path, as far as it is known without a question. */
  get known(): FileState {
    return this.touched ? 'unknown' : this.#original
  }

  /** This upload may have changed the file at the path. */
  get touched(): boolean {
    return this.#commands > 0
  }

  /**
   * The name had to be free, and no proof exists yet that the file at the path is ours. The file is
   * neither replaced nor removed.
   */
  get mayBeForeign(): boolean {
    const { atomic, exclusive } = this.settings
    return exclusive && !atomic && !this.#ours
  }

  /** Notes that the file at the path is ours, although it may be incomplete. */
  markOurs(): void {
    this.#ours = true
  }

  /** Notes that the file at the path is another client's, and that none of ours exists. */
  markForeign(): void {
    this.#commands = 0
  }

  get atomic(): boolean {
    return this.settings.atomic
  }

  /** Throws EINVAL for a name that the server would read, or store, as another name. */
  check(): void {
    for (const name of [this.file, this.path]) {
      refuseUnsafeNames(this.remote, name)
      refuseRewrittenName(this.remote, name)
    }
  }

  /** Records the reported state of the path before the first command. */
  saw(before: FileState): void {
    if (this.#original === 'unknown') this.#original = before
  }

  /** Notes that a command which may change the file is sent. */
  touch(): void {
    this.#commands += 1
    this.noteChange()
  }

  /** Notes that the last command was refused, and has changed nothing. */
  refused(): void {
    this.#commands -= 1
  }

  /** Notes that the server has confirmed the upload up to its last byte. */
  stored(state: FileState): void {
    this.#stored = { state, commands: this.#commands }
  }

  /** Drops the cached facts of the file, which are no longer valid. */
  noteChange(): void {
    this.remote.statCache?.change([this.path, this.file])
  }

  /** Takes a temporary name without a dot, if the dot may explain why the first was refused. */
  dropDot(): boolean {
    if (!this.atomic || !this.#dot || this.touched) return false
    this.#dot = false
    this.path = this.#name()
    return true
  }

  /**
   * Takes another temporary name, to send everything again after the loss of a session. The server
   * may open the first name late (Pure-FTPd 1.0.50), and empty the file stored there by then.
   */
  renew(): void {
    if (!this.atomic || !this.touched) return
    this.#older.push(this.path)
    this.path = this.#name()
    this.#commands = 0
    this.#stored = undefined
  }

  /** Gives the stored file, which is whole, its final name. */
  async finish(call: Call): Promise<void> {
    if (this.atomic) {
      if (!this.#dot) this.remote.pool.server.can.dotFiles.fail()
      await this.#rename(call)
    }
    this.#commands = 0
    await this.#removeOlder(call)
  }

  /**
   * Removes an incomplete file if it is ours: if it differs from the file before the upload. A file
   * that the server confirmed stays, except for the temporary file of a cancelled upload. Resolves
   * with the path of a file that stays and is not known to be whole, if any. Before it removes
   * anything it waits for `turn`.
   */
  async discard(cancelled: boolean, turn?: () => Promise<void> | undefined): Promise<string | undefined> {
    const left = await this.#discardPath(cancelled, turn)
    const older = await this.#removeOlder(new Call())
    return left ?? older
  }

  /** A path in the form that errors show. */
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
    // The clean-up is no part of the call, which may be cancelled.
    const call = new Call()
    const { state, bySize = false } = await inspectFile(this.remote, call, this.path)
    if (this.mayBeForeign) return state === 'missing' ? undefined : left
    const { removable } = this.settings
    const original = resolved(this.#original, bySize)
    const unchanged = !this.atomic && isUnchanged(original, state)
    if (state === 'missing' || (unchanged && removable)) return undefined
    const ours = this.atomic || (original !== 'unknown' && state !== 'unknown')
    if (!ours || !(this.atomic || removable) || (stored && isUnchanged(stored.state, state))) return left
    return this.#remove(call, this.path, state !== 'unknown')
  }

  /** Removes the older temporary files. Resolves with the path of the first that stays, if any. */
  async #removeOlder(call: Call): Promise<string | undefined> {
    const left: (string | undefined)[] = []
    for (const path of this.#older.splice(0)) left.push(await this.#remove(call, path, false))
    return left.find(path => path !== undefined)
  }

  /** Removes a file. Resolves with its path if it stays. */
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
      // A refusal leaves the old file as it was. After any other error, the new file may be the
      // only one.
      if (error instanceof RefusedError && !('incomplete' in error)) this.#stored = undefined
      throw error
    }
  }
}
