import { setImmediate as nextTurn } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Log } from '../wire/log.js'
import type { Session } from '../wire/session.js'
import type { Call } from './call.js'
import { FairQueue, type FairOptions, type Kind } from './fair-queue.js'
import { Growth } from './growth.js'
import { Lease } from './lease.js'
import { loginFailure } from './login-failure.js'
import { Recovery, type RecoveryOptions } from './recovery.js'
import type { Sessions } from './sessions.js'

export interface TurnsOptions extends RecoveryOptions {
  /** The most sessions. */
  connections: number
  /** Milliseconds after a refused login until one session more is tried. */
  growAfter: number
}

/** One who waits for a session: `given` or `failed` is called, once, unless the waiting is cancelled. */
export class Waiter {
  cancelled = false
  /** Its turn has come: a session is taken or opened for it. */
  begun = false
  /** A login for it was lost. */
  loginLost = false
  /** The call that waits, where it is one alone. */
  call: Call | undefined
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
  /** Logins that are under way. */
  readonly #logins = new Set<Promise<Session>>()
  readonly #growth: Growth
  /** Tries to come to the first session again, for all that wait. */
  #recovery: Recovery | undefined

  constructor(
    readonly sessions: Sessions,
    readonly options: TurnsOptions,
    readonly log: Log,
  ) {
    this.#queue = new PQueue({ concurrency: options.connections, queueClass: FairQueue })
    this.#growth = new Growth(options.growAfter)
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
    if (this.#waiting.size === 0) this.#recovery?.wake()
  }

  /** Wakes what waits for a server that is full; the sessions' end decides what becomes of it. */
  end(): void {
    this.#recovery?.wake()
  }

  async #turn(waiter: Waiter): Promise<void> {
    waiter.begun = true
    let idle: Session | undefined
    let session: Session
    try {
      idle = await this.sessions.takeIdle()
      session = idle ?? (await this.#open(waiter))
    } catch (error) {
      await this.#refused(waiter, error as Error)
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

  /** A new session. Where the pool has none, what may pass is tried again by one turn for all that wait. */
  async #open(waiter: Waiter): Promise<Session> {
    try {
      return await this.#login()
    } catch (error) {
      if (!this.#mayRecover(waiter, error as Error)) throw error
      return await this.#recover(waiter, error as Error)
    }
  }

  async #login(): Promise<Session> {
    const login = this.sessions.open()
    this.#logins.add(login)
    try {
      const session = await login
      const { size } = this.sessions
      this.#growth.opened(size)
      // It was refused to another that asked at the same time, but here it is.
      if (size > this.most) this.#queue.concurrency = size
      return session
    } finally {
      this.#logins.delete(login)
    }
  }

  #mayRecover(waiter: Waiter, error: Error): boolean {
    const isOnly = this.sessions.size === 0 && !this.#recovery && this.#logins.size === 0
    return isOnly && !waiter.refused && loginFailure(error) !== 'final'
  }

  async #recover(waiter: Waiter, error: Error): Promise<Session> {
    const recovery = new Recovery(this.options, this.log, waiter.call)
    this.#recovery = recovery
    this.#queue.concurrency = 1
    let failure = error
    try {
      for (;;) {
        await recovery.pause(failure)
        // Others may be served by a session that came to another login.
        if (this.#waiting.size === 0 || this.sessions.size > 0) break
        try {
          const session = await this.#login()
          if (loginFailure(failure) === 'full') this.#growth.refused(1)
          else this.#queue.concurrency = this.options.connections
          return session
        } catch (error) {
          failure = error as Error
          if (loginFailure(failure) === 'final') throw failure
        }
      }
    } catch (error) {
      this.#fail(error as Error)
    } finally {
      this.#recovery = undefined
      if (this.sessions.size === 0) this.#queue.concurrency = this.options.connections
    }
    throw failure
  }

  /** Tells all that wait. */
  #fail(error: Error): void {
    for (const waiter of [...this.#waiting]) {
      this.cancel(waiter)
      if (waiter.call) waiter.call.failed = this.options.retries
      waiter.failed(error)
    }
  }

  /**
   * The login failed. With sessions of our own the waiter waits for one of them; without, all that wait are told
   * of it at once.
   */
  async #refused(waiter: Waiter, error: Error): Promise<void> {
    if (this.sessions.size === 0) {
      // The place is kept meanwhile, so that no further login follows the one that failed.
      await Promise.allSettled(this.#logins)
      await nextTurn()
    }
    const { size } = this.sessions
    const mayPass = loginFailure(error) === 'passing' && !waiter.loginLost
    waiter.loginLost = true
    if (size > 0 && !mayPass) {
      this.#queue.concurrency = size
      this.#growth.refused(size)
      this.log.note(0, `the pool stays at ${size} for now: ${error.message}`)
    }
    if (waiter.cancelled) return
    if (waiter.refused) {
      this.cancel(waiter)
      waiter.refused()
    } else if (size > 0 || this.#recovery) {
      this.wait(waiter, 'again')
    } else {
      this.#fail(error)
    }
  }

  #grow(): void {
    if (this.#recovery || this.most >= this.options.connections || !this.#growth.isDue()) return
    this.#growth.tried()
    this.#queue.concurrency = this.most + 1
  }
}
