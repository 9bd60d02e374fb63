import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Call } from '../pool/call.js'
import type { Lease } from '../pool/lease.js'
import { mayRetry, retryDelay } from '../pool/retry.js'
import { ConnectionLostError } from '../wire/errors.js'
import { dirname, type ByteString } from '../wire/names.js'
import type { Outgoing } from '../wire/outgoing.js'
import { canAppend } from './can-append.js'
import { layOver } from './lay-over.js'
import type { FileFacts } from './file-facts.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import type { Source } from './source.js'
import { Spool } from './spool.js'
import { exists, sizeOf, stat } from './stat.js'
import { Upload, type UploadMode } from './upload.js'

export interface WriterOptions {
  /** `replace`: the whole file. `append`: behind its end. `patch`: over the bytes from `start` on, keeping the others. */
  mode: UploadMode
  /** Where the bytes go; in `replace`, zeros fill what lies before. Default 0. */
  start?: number
  /** The file must not exist yet. FTP cannot ask and make at once: somebody else may make it in between. */
  exclusive?: boolean
  /** The file must exist; of a `patch` it is true. */
  mustExist?: boolean
  /** The path can only name a folder: it ends with a slash. */
  folder?: boolean
  /** Nothing is sent before the input has ended: it comes from the file itself, which is not removed either. */
  collect?: boolean
  /** What the file has to be when the first byte is sent, else ERR_FTP_FILE_CHANGED. */
  facts?: FileFacts
  /** The upload is a part of a change: another one follows, after which the size is checked. */
  followed?: boolean
  /** Where the bytes come from, instead of `write`: they can be read again, so that nothing of them is kept. */
  source?: Source
}

// How long a writer that holds a session may get no input while others wait.
const patience = 20

// A slow line takes this much well within `readWriteTimeout`.
const pieceSize = 64 * 1024

/**
 * The bytes of a file on their way up, in segments of one data connection each.
 *
 * It takes no session at first: it collects, and begins to send when its input has ended, or when it has
 * collected much and nobody waits for a session. What is not sent at once goes to a temporary file. A
 * writer that gets no input while others wait ends its segment, and goes on with APPE later.
 */
export class Writer {
  readonly #upload: Upload
  readonly #start: number
  /** What has been collected and not been sent for good. */
  #spool: Spool
  #spoolAll: boolean
  #checked = false
  #prepared = false
  #segment: { lease: Lease; outgoing?: Outgoing } | undefined
  /** The segment takes the input as it comes. */
  #live = false
  #idleTimer: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()
  readonly #forget: () => void

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: WriterOptions,
  ) {
    const { mode, start = 0, collect = false, facts } = options
    this.#upload = new Upload(remote, call, path, mode, start, collect, facts)
    this.#start = start
    this.#spool = this.#newSpool()
    // Bytes that are to be laid over others, or behind zeros, may have to go with them: decided at the end.
    this.#spoolAll = collect || mode === 'patch' || start > 0
    this.#forget = call.onCancel(() => void this.#cut())
  }

  /** How long the file is, when it is stored. */
  get size(): number {
    return this.#upload.size
  }

  /** Makes the checks that can be made before there are bytes, without holding a session. */
  open(): Promise<void> {
    const { exclusive, mustExist, folder } = this.options
    return exclusive || mustExist || folder ? this.#inTurn(() => this.#check()) : Promise.resolve()
  }

  /** Takes the next bytes. Resolves when their memory may be used again. */
  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      for (let at = 0; at < chunk.length; at += pieceSize)
        await this.#take(chunk.subarray(at, at + pieceSize))
    })
  }

  /** Ends the input. Resolves when the file is stored, `uploadDelay` has passed and its size is right. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#prepare()
      const { mode, sent } = this.#upload
      if (this.#live) await this.#endLive()
      // Nothing to append still makes a file; nothing to lay over changes nothing.
      else if (this.#waiting.size > 0 || (sent === 0 && mode !== 'patch')) await this.#sendWaiting()
      const stored = mode !== 'patch' || this.#waiting.size > 0
      if (stored && !this.options.followed) await this.#upload.finish(this.#waiting.size)
      await this.#spool.dispose()
      this.#forget()
    })
  }

  /** Gives up as `abort` does. Resolves with the error, whose property `incomplete` says whether something stays. */
  async abandon(error: unknown): Promise<Error> {
    const complete = await this.abort()
    return complete ? (error as Error) : Object.assign(error as Error, { incomplete: true })
  }

  /**
   * Gives up, when nothing is under way or the call was cancelled. An incomplete file of ours is removed; resolves
   * with false when something incomplete stays, see Upload. `turn`: waited for before that file is removed.
   */
  async abort(turn?: () => Promise<void> | undefined): Promise<boolean> {
    clearTimeout(this.#idleTimer)
    await this.#cut()
    await this.#turn
    await this.#drop()
    await this.#spool.dispose().catch(() => {})
    this.#forget()
    return this.#upload.discard(turn)
  }

  /** What can be read as often as needed. */
  get #waiting(): Source {
    return this.options.source ?? this.#spool
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(async () => {
      clearTimeout(this.#idleTimer)
      try {
        this.call.throwIfCancelled()
        await work()
      } catch (error) {
        // Whoever is refused has given the session back by now, and asking for the reason needs one.
        throw this.call.cancelled ?? (await this.#upload.explained(error))
      }
    })
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #take(piece: Uint8Array): Promise<void> {
    if (this.#live) {
      await this.#writeLive(piece)
    } else {
      await this.#spool.append(piece)
      if (this.#spool.full && !this.#spoolAll) await this.#goLive()
    }
  }

  async #check(): Promise<void> {
    if (this.#checked) return
    this.#checked = true
    const { exclusive, mustExist, folder } = this.options
    if (folder) {
      // As open(2) has it: what may be made needs the folder above it, what must be there itself.
      const info = await stat(this.remote, this.call, mustExist ? this.path : dirname(this.path))
      throw new RefusedError(info.type === 'directory' ? 'EISDIR' : 'ENOTDIR')
    }
    if (exclusive && (await exists(this.remote, this.call, this.path))) throw new RefusedError('EEXIST')
    if (!mustExist) return
    const info = await stat(this.remote, this.call, this.path)
    if (info.type === 'directory') throw new RefusedError('EISDIR')
    this.#upload.sizeBefore = info.size ?? 0
  }

  /** What has to be known and done before the first byte is sent. */
  async #prepare(): Promise<void> {
    if (this.#prepared) return
    this.#prepared = true
    await this.#check()
    const upload = this.#upload
    const partly = upload.mode === 'patch' || (upload.mode === 'replace' && this.#start > 0)
    if (partly && this.#spool.size > 0) await this.#layOver()
    // Servers that are not known may have no SIZE, which is asked along with the transfer else.
    if (upload.mode === 'append' && this.remote.pool.server.kind === 'unknown') {
      upload.origin = (await sizeOf(this.remote, this.call, this.path)) ?? 0
    }
  }

  /** Puts a whole file together where the server cannot change a part of it. */
  async #layOver(): Promise<void> {
    const { mode, sizeBefore } = this.#upload
    const { patchesInPlace } = this.remote.pool.server.quirks
    // REST 0 is no position: the file would be cut.
    if (mode === 'patch' && patchesInPlace && this.#start > 0 && this.#start <= sizeBefore) return
    const base = mode === 'patch' ? this.path : undefined
    const over = this.#spool
    // For abort: the one that is laid over is disposed of by then.
    this.#spool = this.#newSpool()
    this.#spool = await layOver(this.remote, this.call, base, over, this.#start)
    if (mode === 'patch') this.#upload.becomeWhole()
  }

  /** Begins to send what has been collected, if a session is free; else all of the input is spooled. */
  async #goLive(): Promise<void> {
    if (!this.#prepared) {
      await this.#prepare()
      // What was asked gives its session back in this turn of the event loop.
      await nextTurn()
    }
    const lease = await this.remote.pool.acquireIfFree(this.call)
    if (lease) await this.#begin(lease)
    this.#spoolAll = !this.#live
    if (!lease || !this.#live) return
    this.#upload.sent += this.#spool.size
    await this.#spool.dispose()
    this.#spool = this.#newSpool()
    lease.onWanted = () => this.#considerIdle()
    this.#considerIdle()
  }

  /** Sends what has been collected, when it can be gone on with. If not, it is still here, to be sent at the end. */
  async #begin(lease: Lease): Promise<void> {
    this.#segment = { lease }
    try {
      if (!(await canAppend(lease.session))) return
      await this.#upload.accepted(await this.#pour(lease, 0, false))
      this.#live = true
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error
    } finally {
      if (!this.#live) await this.#drop()
    }
  }

  async #writeLive(piece: Uint8Array): Promise<void> {
    try {
      await this.#put(this.#segment!.outgoing!, piece)
    } catch (error) {
      await this.#drop()
      throw error
    }
    this.#upload.sent += piece.length
    this.#considerIdle()
  }

  /** Ends the segment when others wait and no input comes. */
  #considerIdle(): void {
    clearTimeout(this.#idleTimer)
    if (!this.#live || !this.remote.pool.wanted) return
    this.#idleTimer = setTimeout(() => {
      this.#inTurn(async () => {
        if (this.#live) await this.#endLive()
      }).catch((error: Error) => this.call.cancel(error))
    }, patience)
  }

  async #endLive(): Promise<void> {
    const { lease, outgoing } = this.#segment!
    this.#live = false
    lease.onWanted = undefined
    try {
      await this.#upload.conclude(lease.session, outgoing!)
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error
      await this.#drop()
      // The reply may be lost though every byte has arrived: throws unless it has.
      await this.#upload.resumeAt(0)
    } finally {
      await this.#drop()
    }
  }

  /** Sends what has been collected. Since it can be read again, a lost connection is no error. */
  async #sendWaiting(): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      const from = await this.#upload.resumeAt(this.#waiting.size)
      // All of it had arrived.
      if (from > 0 && from === this.#waiting.size) return
      const lease = await this.remote.pool.acquire(this.call, 'transfer')
      this.#segment = { lease }
      try {
        await this.#upload.conclude(lease.session, await this.#pour(lease, from, true))
        return
      } catch (error) {
        if (!(error instanceof ConnectionLostError) || !mayRetry(attempts)) throw error
      } finally {
        await this.#drop()
      }
      await this.call.sleep(retryDelay(attempts))
    }
  }

  /** Opens a segment, and sends what has been collected from `from` on. `again`: it stays collected until all is over. */
  async #pour(lease: Lease, from: number, again: boolean): Promise<Outgoing> {
    const outgoing = await this.#upload.open(lease.session, from, again)
    this.#segment = { lease, outgoing }
    this.call.throwIfCancelled()
    for await (const chunk of this.#waiting.read(from)) await this.#put(outgoing, chunk)
    return outgoing
  }

  async #put(outgoing: Outgoing, piece: Uint8Array): Promise<void> {
    if (await outgoing.write(piece)) return
    await this.#upload.concludeEarly(outgoing)
  }

  /** Breaks off the segment, if there is one: what is being done in it fails. */
  async #cut(): Promise<void> {
    const segment = this.#segment
    if (segment?.outgoing) await segment.outgoing.stop()
    else segment?.lease.session.close()
  }

  /** Gives the session back; a segment that has not ended is broken off. */
  async #drop(): Promise<void> {
    const segment = this.#segment
    this.#segment = undefined
    this.#live = false
    await segment?.outgoing?.stop()
    segment?.lease.release()
  }

  #newSpool(): Spool {
    const { spoolDirectory, replayBuffer } = this.remote.options
    return new Spool(spoolDirectory, replayBuffer)
  }
}
