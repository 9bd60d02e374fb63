import PQueue from 'p-queue'
import { TooManyConnectionsError } from '../wire/errors.js'
import type { Log } from '../wire/log.js'
import type { Session } from '../wire/session.js'
import { Call } from './call.js'
import { FairQueue, type FairOptions, type Kind } from './fair-queue.js'
import { Lease } from './lease.js'
import type { Sessions } from './sessions.js'

export interface TurnsOptions {
  /** The most sessions. */
  connections: number
  /** Milliseconds for which a server that has no room for us is asked again. */
  shortTimeout: number
  /** Milliseconds after a refused login until one session more is tried. */
  growAfter: number
}

/** One who waits for a session: `given` or `failed` is called, once, unless the waiting is cancelled. */
export class Waiter {
  cancelled = false
  /** Its turn has come: a session is taken or opened for it. */
  begun = false
  /** When the server had no room for the first time. */
  refusedAt: number | undefined
  /** Called instead of waiting again, when the session that was to be opened for it was refused. */
  refused: (() => void) | undefined
  /** Takes it out of the queue. */
  readonly leave = new AbortController()

  constructor(
    readonly given: (lease: Lease) => void,
    readonly failed: (reason: Error) => void,
  ) {}
}

/** Who uses a session next: a p-queue with a place for each session that there may be. */
export class Turns {
  readonly #queue: PQueue<FairQueue, FairOptions>
  readonly #waiting = new Set<Waiter>()
  readonly #leases = new Set<Lease>()
  /** What the turns themselves wait for; cancelled at the end. */
  readonly #life = new Call()
  #shrunkAt = 0

  constructor(
    readonly sessions: Sessions,
    readonly options: TurnsOptions,
    readonly log: Log,
  ) {
    this.#queue = new PQueue({ concurrency: options.connections, queueClass: FairQueue })
  }

  /** How many sessions there may be at once, as far as the server has shown. */
  get most(): number {
    return this.#queue.concurrency
  }

  /** How many sessions are open and not in use. */
  get idle(): number {
    return this.sessions.idle
  }

  /** How many sessions are in use. */
  get busy(): number {
    return this.#leases.size
  }

  /** How many wait for a session, or for the login of theirs. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Somebody waits for a session that is in use. */
  get wanted(): boolean {
    return this.#queue.size > 0
  }

  /** The next who comes need not wait for anybody. */
  get free(): boolean {
    return !this.wanted && this.#queue.pending < this.#queue.concurrency
  }

  wait(waiter: Waiter, kind: Kind): void {
    this.#waiting.add(waiter)
    waiter.begun = false
    this.#grow()
    // Rejects when the waiter leaves the queue, and never else.
    this.#queue.add(() => this.#turn(waiter), { kind, signal: waiter.leave.signal }).catch(() => {})
    if (this.wanted) for (const lease of this.#leases) lease.onWanted?.()
  }

  cancel(waiter: Waiter): void {
    waiter.cancelled = true
    this.#waiting.delete(waiter)
    // p-queue 9.3.5 frees the place of a task at once when its signal is aborted, though its login still goes on.
    if (!waiter.begun) waiter.leave.abort()
  }

  /** Wakes who waits for a server that is full; it is the sessions' end that decides what becomes of it. */
  end(reason: Error): void {
    this.#life.cancel(reason)
  }

  async #turn(waiter: Waiter): Promise<void> {
    waiter.begun = true
    let idle: Session | undefined
    let session: Session
    try {
      idle = await this.sessions.takeIdle()
      session = idle ?? (await this.#open())
    } catch (error) {
      if (!waiter.cancelled) await this.#refused(waiter, error as Error)
      return
    }
    if (waiter.cancelled) {
      this.sessions.giveBack(session)
      return
    }
    this.#waiting.delete(waiter)
    await new Promise<void>(released => {
      const { flights } = session
      const lease = new Lease(session, () => {
        this.#leases.delete(lease)
        // Lost in its first flight since it was idle: what took it has taken the others that were idle, as a rule.
        if (idle?.closed && session.flights <= flights + 1) this.sessions.closeIdle()
        this.sessions.giveBack(session)
        this.#grow()
        released()
      })
      this.#leases.add(lease)
      waiter.given(lease)
    })
  }

  async #open(): Promise<Session> {
    const session = await this.sessions.open()
    // It was refused to another who asked at the same time, but here it is.
    if (this.sessions.size > this.most) this.#queue.concurrency = this.sessions.size
    return session
  }

  /** The login failed: with sessions of our own, the waiter waits for one of them; without, for a server that is full. */
  async #refused(waiter: Waiter, error: Error): Promise<void> {
    if (this.sessions.size === 0) {
      waiter.refusedAt ??= Date.now()
      const waited = Date.now() - waiter.refusedAt
      if (!(error instanceof TooManyConnectionsError) || waited >= this.options.shortTimeout) {
        this.#waiting.delete(waiter)
        waiter.failed(error)
        return
      }
      // The place is kept meanwhile, so that the others do not besiege a server that is full.
      const pause = Math.min(100 + waited / 2, 2_000, this.options.shortTimeout - waited)
      await this.#life.sleep(pause).catch(() => {})
    }
    const { size } = this.sessions
    if (size > 0) {
      this.#queue.concurrency = size
      this.#shrunkAt = Date.now()
      this.log.note(0, `the pool stays at ${size} for now: ${error.message}`)
    }
    if (waiter.cancelled) return
    if (waiter.refused) {
      this.#waiting.delete(waiter)
      waiter.refused()
    } else this.wait(waiter, 'again')
  }

  #grow(): void {
    if (this.most < this.options.connections && Date.now() - this.#shrunkAt >= this.options.growAfter) {
      this.#shrunkAt = Date.now()
      this.#queue.concurrency = this.most + 1
    }
  }
}
