import { setImmediate as nextTurn } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Log } from '../wire/log.js'
import type { Session } from '../wire/session/session.js'
import { FairQueue, type FairOptions, type WorkKind } from './fair-queue.js'
import { Growth } from './growth.js'
import { Lease } from './lease.js'
import { loginFailure } from './login-failure.js'
import { Recovery, type RecoveryOptions } from './recovery.js'
import type { Sessions } from './sessions.js'

export interface SessionQueueOptions extends RecoveryOptions {
  /** The most sessions. */
  connections: number
  /** Milliseconds after a refused login until one session more is tried. */
  growAfter: number
}

/**
 * One who waits for a session: `given` or `failed` is called, once, unless the waiting is
 * cancelled.
 */
export class Waiter {
  cancelled = false
  /** Its turn has come: a session is taken or opened for it. */
  begun = false
  /** A login for it was lost. */
  loginLost = false
  /** Called when a login has failed that is tried again. */
  loginFailed: ((reason: Error) => void) | undefined
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
export class SessionQueue {
  readonly #queue: PQueue<FairQueue, FairOptions>
  readonly #waiting = new Set<Waiter>()
  readonly #leases = new Set<Lease>()
  /** Logins that are under way. */
  readonly #logins = new Set<Promise<Session>>()
  readonly #growth: Growth
  /** Tries to come to the first session again, for all that wait. */
  #recovery: Recovery | undefined

  constructor(
    readonly sessions: Sessions,
    readonly options: SessionQueueOptions,
    readonly log: Log,
  ) {
    this.#queue = new PQueue({ concurrency: options.connections, queueClass: FairQueue })
    this.#growth = new Growth(options.growAfter)
  }

  /** How many sessions there may be at once, as far as the server has shown. */
  get max(): number {
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

  wait(waiter: Waiter, kind: WorkKind): void {
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
    // p-queue 9.3.5 frees the place of a task at once when its signal is aborted, though its login
    // still goes on.
    if (!waiter.begun) waiter.leave.abort()
    if (this.#waiting.size === 0) this.#recovery?.wake()
  }

  /** Wakes what waits for a server that is full; the sessions' end decides what becomes of it. */
  end(): void {
    this.#recovery?.wake()
  }

  async #turn(waiter: Waiter): Promise<void> {
    waiter.begun = true
    let idle: Session | undefined
    let session: Session | undefined
    try {
      idle = await this.sessions.takeIdle()
      session = idle ?? (await this.#login())
    } catch (error) {
      session = await this.#refused(waiter, error as Error)
      if (!session) return
    }
    if (waiter.cancelled) {
      this.sessions.giveBack(session)
      return
    }
    this.#waiting.delete(waiter)
    await this.#lend(waiter, session, idle !== undefined)
  }

  /** Resolves when the session is given back. */
  #lend(waiter: Waiter, session: Session, wasIdle: boolean): Promise<void> {
    return new Promise<void>(released => {
      const { flights } = session
      const lease = new Lease(session, () => {
        this.#leases.delete(lease)
        // Lost in its first flight since it was idle: what took it has taken the others that were
        // idle, as a rule.
        if (wasIdle && session.closed && session.flights <= flights + 1) this.sessions.closeIdle()
        this.sessions.giveBack(session)
        this.#grow()
        released()
      })
      this.#leases.add(lease)
      waiter.given(lease)
    })
  }

  async #login(): Promise<Session> {
    const login = this.sessions.open()
    this.#logins.add(login)
    try {
      const session = await login
      const { size } = this.sessions
      this.#growth.opened(size)
      // It was refused to another that asked at the same time, but here it is.
      if (size > this.max) this.#queue.concurrency = size
      return session
    } finally {
      this.#logins.delete(login)
    }
  }

  /**
   * The login failed. With sessions of our own the waiter waits for one of them; without, what may
   * pass is tried again by one turn for all that wait, which resolves with the session, and else
   * all are told at once.
   */
  async #refused(waiter: Waiter, error: Error): Promise<Session | undefined> {
    // The place is kept meanwhile, so that no further login follows the one that failed.
    while (this.sessions.size === 0 && this.#logins.size > 0) {
      await Promise.allSettled(this.#logins)
      await nextTurn()
    }
    const { size } = this.sessions
    const failure = loginFailure(error)
    if (size > 0 && (failure !== 'passing' || waiter.loginLost)) {
      this.#queue.concurrency = size
      this.#growth.refused(size)
      this.log.note(0, `the pool stays at ${size} for now: ${error.message}`)
    }
    waiter.loginLost = true
    if (waiter.refused) {
      if (waiter.cancelled) return undefined
      this.cancel(waiter)
      waiter.refused()
      return undefined
    }
    if (size === 0 && !this.#recovery) {
      const session = failure === 'final' ? this.#fail(error) : await this.#recover(error)
      if (session) return session
    }
    if (!waiter.cancelled) this.wait(waiter, 'again')
    return undefined
  }

  /**
   * Resolves with undefined where nobody waits any more, or a session has come to another login.
   */
  async #recover(error: Error): Promise<Session | undefined> {
    const recovery = new Recovery(this.options, this.log)
    this.#recovery = recovery
    this.#queue.concurrency = 1
    let failure = error
    try {
      for (;;) {
        this.#count(failure)
        if (this.#waiting.size > 0) await recovery.pause(failure)
        if (this.#waiting.size === 0 || this.sessions.size > 0) return undefined
        try {
          return await this.#login()
        } catch (error) {
          failure = error as Error
          if (loginFailure(failure) === 'final') throw failure
        }
      }
    } catch (error) {
      this.#fail(error as Error)
      return undefined
    } finally {
      this.#recovery = undefined
      const { size } = this.sessions
      if (size > 0 && loginFailure(failure) === 'full') this.#growth.refused(size)
      else this.#queue.concurrency = this.options.connections
    }
  }

  /** A server that is full is asked for as long as it takes, and counts for nobody. */
  #count(failure: Error): void {
    if (loginFailure(failure) !== 'passing') return
    for (const waiter of [...this.#waiting]) waiter.loginFailed?.(failure)
  }

  /** Tells all that wait. */
  #fail(error: Error): undefined {
    for (const waiter of [...this.#waiting]) {
      this.cancel(waiter)
      waiter.failed(error)
    }
  }

  #grow(): void {
    if (this.#recovery || this.max >= this.options.connections || !this.#growth.isDue()) return
    this.#growth.tried()
    this.#queue.concurrency = this.max + 1
  }
}
