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
import { leaving } from './leaving.js'
import { Live } from './live.js'
import { storeChecked, type StoreOptions } from './store-file.js'
import { Upload } from './upload.js'

export interface WriterOptions extends StoreOptions {
  /** Nothing is sent before the input has ended: it comes from the file itself. */
  readonly collect?: boolean
  /**
   * Called when what was sent turns out to be lost while no input comes: the next input fails, too.
   */
  readonly onFailure?: (error: Error) => void
}

// A slow line takes this much well within `readWriteTimeout`.
const pieceSize = 64 * 1024

/**
 * The bytes of a file that come one after the other, and cannot be asked for again.
 *
 * It takes no session at first: it collects, in memory and in a temporary file. What is collected
 * whole is stored as all that can be read again is. When much has been collected and no other call
 * waits for a session, it sends what it has, and what comes from then on as it comes (Live).
 */
export class Writer {
  readonly #spool: Spool
  #spoolAll: boolean
  /** The size of a file that must exist, once the path has been checked. */
  #checked: Promise<number> | undefined
  #live: Live | undefined
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
    // Bytes that are to be laid over others, or behind zeros, may have to go with them: decided at
    // the end. Of a file that must be new only its bytes, all of them, tell whose it is after a
    // loss.
    this.#spoolAll = collect || exclusive || mode === 'patch' || start > 0
    this.#forget = call.onCancel(() => void this.#live?.cut())
  }

  /** What came was sent as it came: of that nothing is kept here. */
  get sentLive(): boolean {
    return this.#live !== undefined
  }

  /** Makes the checks that can be made before there are bytes, without holding a session. */
  open(): Promise<void> {
    return demandsChecks(this.options) || isAscii(this.remote)
      ? this.#inTurn(async () => void (await this.#check()))
      : Promise.resolve()
  }

  /** Takes the next bytes. Resolves when their memory may be used again. */
  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      for (let at = 0; at < chunk.length; at += pieceSize)
        await this.#take(chunk.subarray(at, at + pieceSize))
    })
  }

  /**
   * Ends the input. Resolves when the file is stored, `uploadDelay` has passed and it is checked.
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
   * Gives up, when nothing is under way or the call was cancelled. An incomplete file of ours is
   * removed; resolves with the path of one that stays, if any. `turn`: waited for before a file is
   * removed.
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
   * Gives up as `abort` does. Resolves with the error, whose property `incomplete` is the path of
   * what stays.
   */
  async abandon(error: unknown): Promise<Error> {
    return leaving(error, await this.abort())
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
      // `abort` tells of it: the error may be another by then, that of the stream.
      this.#incomplete = (error as { incomplete?: string }).incomplete
      throw error
    }
  }

  /**
   * Begins to send what has been collected, if a session is free and the file can be gone on with;
   * else all is collected.
   */
  async #goLive(): Promise<void> {
    const { remote, call, path, options } = this
    const upload = new Upload(remote, call, path, options)
    await this.#check()
    await upload.prepare()
    // What was asked gives its session back in this turn of the event loop.
    await nextTurn()
    const lease = await remote.pool.acquireIfFree(call)
    this.#spoolAll = true
    if (!lease) return
    const forget = call.onCancel(() => lease.session.close())
    try {
      if (await appends(remote, lease, path))
        this.#live = new Live(upload, this.#spool, work => this.#inTurn(work), options.onFailure)
    } finally {
      forget()
      if (!this.#live) lease.release()
    }
    await this.#live?.begin(lease)
  }
}

/**
 * Whether the file can be gone on with. A session that is lost over the question is a matter of the
 * end.
 */
async function appends(remote: Remote, { session }: Lease, path: ByteString): Promise<boolean> {
  try {
    return await canAppend(remote, session, path)
  } catch (error) {
    if (error instanceof ConnectionLostError) return false
    throw error
  }
}
