import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { isAscii, refuseInAscii } from '../ascii.js'
import type { Remote } from '../remote.js'
import { Spool } from '../spool.js'
import { canAppend } from './can-append.js'
import { checkPath, demandsChecks } from './check-path.js'
import { withIncomplete } from './with-incomplete.js'
import { LiveUpload } from './live-upload.js'
import { storeChecked, type StoreOptions } from './store-file.js'
import { Upload } from './upload.js'

export interface WriterOptions extends StoreOptions {
  /** Sends nothing before the input has ended, because the input comes from the file itself. */
  readonly collect?: boolean
  /** Called when sent bytes turn out to be lost between two inputs. The next input fails, too. */
  readonly onFailure?: (error: Error) => void
}

// Bytes. A slow line takes this much well within `readWriteTimeout`.
const pieceSize = 64 * 1024

/**
 * Writes the bytes of a file in sequence, from an input that cannot be read again.
 *
 * At first it needs no session: it collects the input in memory and in a temporary file. An input
 * collected whole is stored like any source. When the spool is full and no other call waits for a
 * session, the writer sends the collected bytes, and later input as it arrives (Live).
 */
export class Writer {
  readonly #spool: Spool
  #spoolAll: boolean
  /** The size of a file that must exist, once the path has been checked. */
  #checked: Promise<number> | undefined
  #live: LiveUpload | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #incomplete: string | undefined
  readonly #forget: () => void

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: WriterOptions,
  ) {
    const { mode, start = 0, collect = false, exclusive = false } = options
    const { spoolDirectory, replayBuffer } = remote.options
    this.#spool = new Spool(spoolDirectory, replayBuffer, remote.memory.share())
    // Bytes that patch a file, or follow zeros, may have to be sent together with those: decided at
    // the end. For a file that must be new, only all of its bytes prove after a loss that it is
    // ours.
    this.#spoolAll = collect || exclusive || mode === 'patch' || start > 0
    this.#forget = call.onCancel(() => void this.#live?.cut())
  }

  /** Input was sent as it arrived, and is not kept here. */
  get sentLive(): boolean {
    return this.#live !== undefined
  }

  /** Makes the checks that need no bytes. Holds no session afterwards. */
  open(): Promise<void> {
    return demandsChecks(this.options) || isAscii(this.remote)
      ? this.#inTurn(async () => void (await this.#check()))
      : Promise.resolve()
  }

  /** Takes the next bytes. Resolves when the caller may use their memory again. */
  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      for (let at = 0; at < chunk.length; at += pieceSize)
        await this.#take(chunk.subarray(at, at + pieceSize))
    })
  }

  /**
   * Ends the input. Resolves when the file is stored, `uploadDelay` has passed and the file is
   * checked.
   */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#live) await this.#live.end()
      else await this.#storeCollected()
      await this.#spool.dispose()
      this.#forget()
    })
  }

  /**
   * Gives up. Called when nothing is under way, or when the call was cancelled. Removes an
   * incomplete file of ours, after it has waited for `turn`. Resolves with the path of an
   * incomplete file that stays, if any.
   */
  async abort(turn?: () => Promise<void> | undefined): Promise<string | undefined> {
    await this.#live?.cut()
    await this.#turn
    const left = await this.#live?.discard(turn)
    await this.#spool.dispose().catch(() => {})
    this.#forget()
    return left ?? this.#incomplete
  }

  /**
   * Gives up as `abort` does. Resolves with the error. Its property `incomplete` is the path of a
   * file that stays.
   */
  async abandon(error: unknown): Promise<Error> {
    return withIncomplete(error, await this.abort())
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(async () => {
      try {
        this.call.throwIfCancelled()
        this.#live?.busy()
        refuseInAscii(this.remote, this.options)
        await work()
      } catch (error) {
        throw this.call.cancelled ?? error
      } finally {
        this.#live?.considerIdle()
      }
    })
    this.#turn = turn.catch(() => {})
    return turn
  }

  #check(): Promise<number> {
    this.#checked ??= checkPath(this.remote, this.call, this.path, this.options)
    return this.#checked
  }

  async #take(piece: Uint8Array): Promise<void> {
    if (this.#live) return this.#live.write(piece)
    await this.#spool.append(piece)
    if (this.#spool.full && !this.#spoolAll) await this.#goLive()
  }

  async #storeCollected(): Promise<void> {
    const { remote, call, path, options } = this
    try {
      await storeChecked(remote, call, path, this.#spool, options, await this.#check())
    } catch (error) {
      // `abort` reports the path, because the stream may fail with another error by then.
      this.#incomplete = (error as { incomplete?: string }).incomplete
      throw error
    }
  }

  /**
   * Begins to send the collected bytes, if a session is free and APPE can continue the file. Else
   * the writer collects the whole input.
   */
  async #goLive(): Promise<void> {
    const { remote, call, path, options } = this
    const upload = new Upload(remote, call, path, options)
    await this.#check()
    await upload.prepare()
    // The questions above give their session back in this turn of the event loop.
    await nextTurn()
    const lease = await remote.pool.acquireIfFree(call)
    this.#spoolAll = true
    if (!lease) return
    const forget = call.onCancel(() => lease.session.close())
    try {
      if (await appends(remote, lease, path))
        this.#live = new LiveUpload(upload, this.#spool, work => this.#inTurn(work), options.onFailure)
    } finally {
      forget()
      if (!this.#live) lease.release()
    }
    await this.#live?.begin(lease)
  }
}

/** Whether APPE can continue the file. If the question loses its session, the end asks again. */
async function appends(remote: Remote, { session }: Lease, path: ByteString): Promise<boolean> {
  try {
    return await canAppend(remote, session, path)
  } catch (error) {
    if (error instanceof ConnectionLostError) return false
    throw error
  }
}
