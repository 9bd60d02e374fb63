import { Batch } from './batch.js'
import type { FlightKind } from './flight-kind.js'
import type { Lease } from './lease.js'
import type { Asker, PendingQuestion, Question } from './question.js'
import { Waiter, type SessionQueue } from './session-queue.js'

// The minimum of round trips in a login: each additional session needs as many waiting flights.
const loginRoundTrips = 5

/** Brings the questions of one kind to sessions, in the fewest flights that are efficient. */
export class FlightScheduler {
  readonly #batch: Batch
  /** Waiters for sessions on behalf of the batch. */
  readonly #grants = new Set<Waiter>()
  #gathering = false
  /** The number of sessions in a flight of the batch that began less than `patience` ago. */
  #soonBack = 0

  constructor(
    readonly kind: FlightKind,
    readonly queue: SessionQueue,
  ) {
    this.#batch = new Batch(kind)
  }

  /** The number of questions that wait for a flight. */
  get size(): number {
    return this.#batch.size
  }

  /** The number of waiters in the session queue. */
  get grants(): number {
    return this.#grants.size
  }

  add(question: Question<unknown>, asker: Asker, again: boolean): PendingQuestion {
    const pending = this.#batch.add(question, asker, again)
    this.#gather()
    return pending
  }

  remove(pending: PendingQuestion, asker: Asker): void {
    if (this.#batch.remove(pending, asker)) this.#dismiss()
  }

  endJoining(): void {
    this.#batch.endJoining()
  }

  /** Collects the questions of this turn of the event loop before they are written. */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    setImmediate(() => {
      this.#gathering = false
      if (this.#grants.size === 0) this.#batch.settleAlone()
      this.#arrange()
    })
  }

  /** The number of waiters that the questions need. */
  get #needed(): number {
    const { size, shares, flights } = this.#batch
    if (size === 0) return 0
    const begun = [...this.#grants].filter(({ begun }) => begun).length
    const idle = Math.min(shares, this.queue.idle + begun)
    // A flight under way gives its session back sooner than a login takes.
    const min = this.#soonBack > 0 ? 0 : 1
    const worthwhile = Math.floor(flights / loginRoundTrips) - this.#soonBack
    return Math.min(this.queue.max, Math.max(min, idle, worthwhile))
  }

  #dismiss(): void {
    for (const waiter of [...this.#grants].slice(this.#needed)) {
      this.#grants.delete(waiter)
      this.queue.cancel(waiter)
    }
  }

  #arrange(): void {
    this.#dismiss()
    while (this.#grants.size < this.#needed) {
      const waiter = new Waiter(
        lease => {
          this.#grants.delete(waiter)
          void this.#serve(lease)
        },
        reason => {
          this.#grants.delete(waiter)
          // Another waiter may still get a session.
          if (this.#grants.size === 0) this.#batch.reject(reason)
        },
      )
      waiter.loginFailed = reason => this.#batch.loginFailed(reason)
      this.#grants.add(waiter)
      this.queue.wait(waiter, 'metadata')
    }
  }

  async #serve(lease: Lease): Promise<void> {
    let soon = 1
    const late = (): void => {
      this.#soonBack -= soon
      soon = 0
    }
    this.#soonBack += soon
    const timer = setTimeout(() => {
      late()
      this.#arrange()
    }, this.kind.patience)
    try {
      await this.#batch.serve(lease.session, this.#grants.size)
    } finally {
      clearTimeout(timer)
      late()
      lease.release()
      this.#arrange()
    }
  }
}
