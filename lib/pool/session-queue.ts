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
  /** The maximum of sessions. */
  connections: number
  /** Milliseconds after a refused login before another session is tried. */
  growAfter: number
}

/**
 * Waits for a session: either `given` or `failed` is called, once, unless the wait is cancelled.
 */
export class Waiter {
  cancelled = false
  /** Its turn has come: a session is being taken or opened for it. */
  begun = false
  /** A login on its behalf has failed. */
  loginLost = false
  /** Called when a login fails that will be retried. */
  loginFailed: ((reason: Error) => void) | undefined
  /** Called instead of waiting again if the session to be opened for it is refused. */
  refused: (() => void) | undefined
  /** Removes it from the queue. */
  readonly leave = new AbortController()

  constructor(
    readonly given: (lease: Lease) => void,
    readonly failed: (reason: Error) => void,
  ) {}
}

/** Decides which waiter gets the next session: a p-queue with one place per possible session. */
export class SessionQueue {
  readonly #queue: PQueue<FairQueue, FairOptions>
  readonly #waiting = new Set<Waiter>()
  readonly #leases = new Set<Lease>()
  /** Logins under way. */
  readonly #logins = new Set<Promise<Session>>()
  readonly #growth: Growth
  /** Tries to open the first session again, for all waiters. */
  #recovery: Recovery | undefined

  constructor(
    readonly sessions: Sessions,
    readonly options: SessionQueueOptions,
    readonly log: Log,
  ) {
    this.#queue = new PQueue({ concurrency: options.connections, queueClass: FairQueue })
    this.#growth = new Growth(options.growAfter)
  }

  /** The maximum of simultaneous sessions, as far as the server has shown. */
  get max(): number {
    return this.#queue.concurrency
  }

  /** The number of open sessions that are not in use. */
  get idle(): number {
    return this.sessions.idle
  }

  /** The number of sessions in use. */
  get busy(): number {
    return this.#leases.size
  }

  /** The number of waiters for a session or its login. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether a waiter needs a session that is in use. */
  get wanted(): boolean {
    return this.#queue.size > 0
  }

  /** Whether the next waiter need not wait for others. */
  get free(): boolean {
    return !this.wanted && this.#queue.pending < this.#queue.concurrency
  }

  wait(waiter: Waiter, kind: WorkKind): void {
    this.#waiting.add(waiter)
    waiter.begun = false
    this.#grow()
    // Rejects only when the waiter leaves the queue.
    this.#queue.add(() => this.#turn(waiter), { kind, signal: waiter.leave.signal }).catch(() => {})
    if (this.wanted) for (const lease of this.#leases) lease.onWanted?.()
  }

  cancel(waiter: Waiter): void {
    waiter.cancelled = true
    this.#waiting.delete(waiter)
    // p-queue 9.3.5 frees the place of a task as soon as its signal is aborted, although its login
    // still continues.
    if (!waiter.begun) waiter.leave.abort()
    if (this.#waiting.size === 0) this.#recovery?.wake()
  }

  /** Ends the pause before the next login; the end of the sessions then makes that login fail. */
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
        // The session was lost in its first flight after it was idle: the cause has usually hit the
        // other idle sessions too.
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
      // The server refused a simultaneous login, but accepted this one.
      if (size > this.max) this.#queue.concurrency = size
      return session
    } finally {
      this.#logins.delete(login)
    }
  }

  /**
   * Handles a failed login. If the pool has sessions, the waiter waits for one of them. If it has
   * none, a single turn retries a temporary failure for all waiters, and resolves with the session;
   * a final failure fails them all at once.
   */
  async #refused(waiter: Waiter, error: Error): Promise<Session | undefined> {
    // This turn keeps its place meanwhile, so that no further login follows the failed one.
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

  /** Resolves with undefined if no waiter is left, or another login has opened a session. */
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

  /** Counts a failed login for all waiters. The logins at a full server do not count. */
  #count(failure: Error): void {
    if (loginFailure(failure) !== 'passing') return
    for (const waiter of [...this.#waiting]) waiter.loginFailed?.(failure)
  }

  /** Fails all waiters. */
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
