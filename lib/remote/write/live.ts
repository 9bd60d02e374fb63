import type { Hash } from 'node:crypto'
import type { Lease } from '../../pool/lease.js'
import type { Spool } from '../spool.js'
import { newHash } from './hash.js'
import { holdsHash } from './holds.js'
import { judge } from './judge.js'
import { Segment, type SegmentOutcome, type Stored } from './segment.js'
import { store } from './store.js'
import type { Upload } from './upload.js'

// Milliseconds for which a writer that holds a session may get no input while others wait.
const idlePatience = 20

/** What a writer does in its turn, between its other work. */
export type InTurn = (work: () => Promise<void>) => Promise<void>

/**
 * A file that is sent while its bytes come, in segments. What is sent cannot be sent again, so that
 * a loss before the end is an error. A segment that gets no input while others wait for a session
 * ends: what comes then is collected, and follows by APPE.
 */
export class Live {
  #segment: Segment | undefined
  /** Of all that is sent, while that may be as long as the file that it replaces. */
  #hash: Hash | undefined
  /** How many bytes more the file has that is replaced. */
  #room = 0
  /** How the last segment ended. */
  #last: Stored | undefined
  /** All that comes is collected from now on. */
  #collects = false
  /** How much of what is collected is stored already, though its segment was lost. */
  #from = 0
  #failure: Error | undefined
  #idle: NodeJS.Timeout | undefined

  /**
   * `spool`: what has been collected and not been sent for good. `onFailure`: called when it fails
   * while no input comes; the next input fails, too.
   */
  constructor(
    readonly upload: Upload,
    readonly spool: Spool,
    readonly inTurn: InTurn,
    readonly onFailure?: (error: Error) => void,
  ) {}

  /** Sends what has been collected. What is lost of that is still here, and is sent at the end. */
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

  /** Ends the input. Resolves when the file is stored, and that is proved. */
  async end(): Promise<void> {
    const { upload, spool } = this
    const segment = this.#segment
    if (segment) await this.#conclude(await this.#endSegment(segment, true, true))
    else if (spool.size > 0) return store(upload, spool, this.#from)
    else await this.#rest()
    await this.#prove(false)
    await upload.finish()
  }

  /** The writer has work: it is not idle. Throws what has failed while it was. */
  busy(): void {
    clearTimeout(this.#idle)
    if (this.#failure) throw this.#failure
  }

  /** Ends the segment when others wait and no input comes. */
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
    // What went to another name must not be gone on with under this one.
    await this.#prove(true)
    this.#hash = undefined
  }

  /** All is stored, and was proved when the last segment gave its session back. */
  async #rest(): Promise<void> {
    const { target, remote, call } = this.upload
    target.stored('unknown')
    await call.sleep(remote.options.uploadDelay)
  }

  /** What the server calls stored is there. `more`: others follow. */
  async #prove(more: boolean): Promise<void> {
    const { upload } = this
    const last = this.#last
    this.#last = undefined
    if (!last) return
    const same = (): Promise<boolean> => holdsHash(upload, this.#hash)
    const { decision, error } = await judge(upload, last, { waiting: 0, same, more })
    if (decision !== 'done') throw error
  }

  /**
   * The segment has come to its end before it took the input as it comes: from now on that is
   * collected.
   */
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

  /**
   * Sends what is collected. Resolves with the outcome where that has come to an end, and with
   * undefined where it goes on.
   */
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

  /** The server takes no more. */
  async #broken(segment: Segment): Promise<Ended> {
    return (await this.upload.end(segment, false)) as Ended
  }

  #hashed(piece: Uint8Array): Hash | undefined {
    this.#room -= piece.length
    // A file that becomes longer than it was is proved by its size.
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

  /** What was sent has to be there: after a loss, too. */
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
