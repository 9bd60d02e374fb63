import type { Hash } from 'node:crypto'
import type { Lease } from '../../pool/lease.js'
import type { Spool } from '../spool.js'
import { newHash } from './hash.js'
import { holdsHash } from './holds.js'
import { judge } from './judge.js'
import { Segment, type SegmentOutcome, type Stored } from './segment.js'
import { store } from './store.js'
import type { Upload } from './upload.js'

// Milliseconds. While other calls wait, a writer without input holds its session this long.
const idlePatience = 20

/** Runs work in the turn of the writer, between its other work. */
export type InTurn = (work: () => Promise<void>) => Promise<void>

/**
 * Sends a file in segments while its bytes arrive. Sent bytes cannot be sent again, so a loss
 * before the end is an error. A segment without input ends when another call waits for a session.
 * Later bytes are collected, and follow by APPE.
 */
export class LiveUpload {
  #segment: Segment | undefined
  /** Hash of all sent bytes, while they may still be as many as the replaced file has. */
  #hash: Hash | undefined
  /** By how many bytes the replaced file is longer than the sent bytes. */
  #room = 0
  /** The stored outcome of the last segment, until it is proved. */
  #last: Stored | undefined
  /** From now on, all input is collected. */
  #collects = false
  /** How many collected bytes are stored already, although their segment was lost. */
  #from = 0
  #failure: Error | undefined
  #idle: NodeJS.Timeout | undefined

  /**
   * `spool`: the collected bytes that may have to be sent again. `onFailure`: called after a
   * failure between two inputs; the next input fails, too.
   */
  constructor(
    readonly upload: Upload,
    readonly spool: Spool,
    readonly inTurn: InTurn,
    readonly onFailure?: (error: Error) => void,
  ) {}

  /** Sends the collected bytes. After a loss they stay in the spool, and are sent at the end. */
  async begin(lease: Lease): Promise<void> {
    const { upload, spool } = this
    const opened = await upload.begin(lease, 0, false)
    const ended = opened instanceof Segment ? await this.#pour(opened) : opened
    if (ended) return this.#resume(ended)
    this.#segment = opened as Segment
    upload.sent += spool.size
    await spool.dispose()
    lease.onWanted = () => this.considerIdle()
    this.considerIdle()
  }

  async write(piece: Uint8Array): Promise<void> {
    const { upload, spool } = this
    const segment = this.#segment
    if (segment) {
      this.#hash = this.#hashed(piece)
      const written = await segment.write(piece)
      if (!written) return this.#conclude(await this.#endSegment(segment, false, false))
      upload.sent += piece.length
      this.considerIdle()
      return
    }
    await spool.append(piece)
    if (!spool.full || this.#collects) return
    const lease = await upload.remote.pool.acquireIfFree(upload.call)
    if (lease) await this.begin(lease)
    else this.#collects = true
  }

  /** Ends the input. Resolves when the file is proved to be stored. */
  async end(): Promise<void> {
    const { upload, spool } = this
    const segment = this.#segment
    if (segment) await this.#conclude(await this.#endSegment(segment, true, true))
    else if (spool.size > 0) return store(upload, spool, this.#from)
    else await this.#rest()
    await this.#prove(false)
    await upload.finish()
  }

  /** Notes that the writer has work. Throws an error that occurred while it was idle. */
  busy(): void {
    clearTimeout(this.#idle)
    if (this.#failure) throw this.#failure
  }

  /** Schedules the end of the segment, for the case that others wait and no input arrives. */
  considerIdle(): void {
    clearTimeout(this.#idle)
    if (!this.#segment || !this.upload.remote.pool.wanted) return
    this.#idle = setTimeout(() => {
      this.inTurn(() => this.#yield()).catch((error: Error) => {
        this.#failure = error
        this.onFailure?.(error)
      })
    }, idlePatience)
  }

  async cut(): Promise<void> {
    clearTimeout(this.#idle)
    await this.upload.cut()
  }

  /** As Upload.discard. */
  discard(turn?: () => Promise<void> | undefined): Promise<string | undefined> {
    clearTimeout(this.#idle)
    this.#segment = undefined
    return this.upload.discard(turn)
  }

  async #yield(): Promise<void> {
    const segment = this.#segment
    if (!segment) return
    await this.#conclude(await this.#endSegment(segment, true, false))
    // If the server stored the bytes under another name, an append to this name would be wrong.
    await this.#prove(true)
    this.#hash = undefined
  }

  /** Nothing is left to send: all was proved when the last segment gave its session back. */
  async #rest(): Promise<void> {
    const { upload } = this
    upload.target.stored('unknown')
    await upload.delay()
  }

  /** Proves that the bytes of a confirmed segment are stored. `more`: another segment follows. */
  async #prove(more: boolean): Promise<void> {
    const { upload } = this
    const last = this.#last
    this.#last = undefined
    if (!last) return
    const same = (): Promise<boolean> => holdsHash(upload, this.#hash)
    const { decision, error } = await judge(upload, last, { waiting: 0, same, more })
    if (decision !== 'done') throw error
  }

  /** Handles a segment that ended before it took live input. From now on, input is collected. */
  async #resume(ended: Ended): Promise<void> {
    const { upload, spool } = this
    await upload.release()
    upload.call.throwIfCancelled()
    this.#collects = true
    if (ended.end === 'refused' && upload.takesOtherName(ended)) return
    const lost = await upload.lossOf(ended)
    const same = (): Promise<boolean> => Promise.resolve(false)
    const { decision, error } = await judge(upload, lost, { waiting: spool.size, same, more: true })
    if (decision === 'fail') throw error
    this.#from = typeof decision === 'number' ? decision : 0
    if (decision !== 'done') {
      if (this.#from === 0) upload.startOver()
      return upload.remote.pool.retry(upload.call, lost.refusal ?? error)
    }
    upload.sent += spool.size
    await spool.dispose()
  }

  /** Sends the collected bytes. Resolves with the outcome if the segment ended, else undefined. */
  async #pour(segment: Segment): Promise<Ended | undefined> {
    const { upload, spool } = this
    const { before } = segment
    const first = upload.sent === 0 && upload.options.mode === 'replace'
    this.#room = typeof before === 'object' ? before.size : before === 'missing' ? 0 : Infinity
    this.#hash = first && this.#room > 0 ? newHash(upload.remote.pool.server.features) : undefined
    for await (const chunk of spool.read()) {
      this.#hash = this.#hashed(chunk)
      if (!(await segment.write(chunk))) return this.#broken(segment)
    }
    return (await segment.begun()) ? undefined : this.#broken(segment)
  }

  /** Ends a segment of which the server takes no more. */
  async #broken(segment: Segment): Promise<Ended> {
    return (await this.upload.end(segment, false)) as Ended
  }

  #hashed(piece: Uint8Array): Hash | undefined {
    this.#room -= piece.length
    // The size proves a file that becomes longer than before.
    return this.#room < 0 ? undefined : this.#hash?.update(piece)
  }

  async #endSegment(segment: Segment, allSent: boolean, last: boolean): Promise<SegmentOutcome> {
    const { upload } = this
    this.#segment = undefined
    try {
      return await upload.end(segment, allSent, last)
    } finally {
      await upload.release()
    }
  }

  /** Requires the sent bytes to be on the server, even after a loss. */
  async #conclude(outcome: SegmentOutcome): Promise<void> {
    const { upload } = this
    upload.call.throwIfCancelled()
    this.#last = outcome.end === 'stored' ? outcome : undefined
    if (outcome.end === 'stored') return
    const lost = await upload.lossOf(outcome)
    const { decision, error } = await judge(upload, lost, { waiting: 0, same: () => Promise.resolve(false) })
    if (decision !== 'done') throw error
  }
}

/** The end of a segment that is not stored. */
type Ended = Exclude<SegmentOutcome, Stored>
