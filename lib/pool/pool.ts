import { ConnectionLostError } from '../wire/ftp-errors.js'
import type { Log } from '../wire/log.js'
import type { ClockOptions } from '../wire/server/server-clock.js'
import { ServerProfile } from '../wire/server/server-profile.js'
import type { Question, Asker, Loss, PendingQuestion } from './question.js'
import { Call } from './call.js'
import { Discovery } from './discovery.js'
import { closedError, lostError, queueTimeoutError } from './pool-errors.js'
import type { WorkKind } from './fair-queue.js'
import { shortReplies, type FlightKind } from './flight-kind.js'
import { FlightScheduler } from './flight-scheduler.js'
import type { Lease } from './lease.js'
import { delayAfterLoss, delayBefore, withAttempts, type RetryOptions } from './retry.js'
import { Sessions, type SessionsOptions } from './sessions.js'
import { SessionQueue, Waiter } from './session-queue.js'

// Milliseconds that a cancelled call may spend on cleanup before it rejects.
const endingGrace = 1_000

export interface PoolOptions extends SessionsOptions, RetryOptions, ClockOptions {
  connections: number
  /** Milliseconds that a call waits for a session; undefined: no limit. */
  queueTimeout?: number | undefined
  /** Milliseconds after a refused login before another session is tried. Default 5 000. */
  growAfter?: number
}

/** The current load of an FtpVfs, and its totals since it was created. */
export interface PoolStats {
  /** Sessions that are open now. */
  sessions: number
  /** Sessions in use now. */
  busy: number
  /** Questions and transfers of calls and streams that wait for a session now. */
  waiting: number
  /** Sessions opened in total. */
  opened: number
  /** Flights in total: groups of commands written together, for one round trip. */
  flights: number
  /** Commands written in total, including those of logins. */
  commands: number
  /** Bytes passed to data connections in total, including uploads that failed or were repeated. */
  bytesSent: number
  /**
   * Bytes received over data connections in total, including listings. TLS adds to this on the
   * network.
   */
  bytesReceived: number
}

/** Hooks for the end of a call. */
export interface CallEnding {
  /** Called when the work has ended. `done`: it succeeded. */
  over?: (done: boolean) => void
  /** Converts an error into the one that the caller gets. */
  failure?: (error: unknown) => Error
}

const asItIs = (error: unknown): Error => error as Error

// Shared and never visible: a stack for each call would be expensive.
const callEnded = new Error('The call has ended')

/** The sessions of one FtpVfs, and the calls that use them. */
export class Pool {
  readonly server: ServerProfile
  readonly #sessions: Sessions
  readonly #queue: SessionQueue
  readonly #schedulers = new Map<FlightKind, FlightScheduler>()
  readonly #calls = new Set<Call>()
  /** Before the first login, nothing is known of the server. A failed one fails all calls. */
  readonly #firstLogin = new Discovery(true)
  #closing: Promise<void> | undefined
  #onDrained: (() => void) | undefined
  /** Failures during `close` that only `close` can report. */
  readonly #lost: Error[] = []

  constructor(
    readonly options: PoolOptions,
    readonly log: Log,
  ) {
    this.server = new ServerProfile(options)
    this.#sessions = new Sessions(options, this.server, log)
    this.#queue = new SessionQueue(this.#sessions, { growAfter: 5_000, ...options }, log)
  }

  /** Whether a waiter needs a session that is in use. */
  get wanted(): boolean {
    return this.#queue.wanted
  }

  get stats(): PoolStats {
    let waiting = this.#queue.waiting
    for (const { size, grants } of this.#schedulers.values()) waiting += size - grants
    return {
      sessions: this.#sessions.size,
      busy: this.#queue.busy,
      waiting,
      ...this.#sessions.totals,
      bytesSent: this.server.traffic.sent,
      bytesReceived: this.server.traffic.received,
    }
  }

  /** Registers a call or stream until `end`. Throws if the pool is closed. */
  begin(call: Call): Call {
    if (this.#closing) throw closedError()
    this.#calls.add(call)
    return call
  }

  /**
   * Removes a call, and cancels what it has left waiting or reading. `lost`: a failure that only
   * `close` can report.
   */
  end(call: Call, lost?: Error): void {
    if (lost) this.#lost.push(lost)
    this.#calls.delete(call)
    call.cancel(callEnded)
    if (this.#calls.size === 0) this.#onDrained?.()
  }

  /**
   * Runs a call of the user from beginning to end. A cancelled call rejects once its work has
   * settled, after 1 s at the latest.
   *
   * It uses no nested async functions, because there may be 50,000 calls at once.
   */
  runCall<T>(
    signal: AbortSignal | undefined,
    abort: () => Error,
    work: (call: Call) => Promise<T>,
    { over, failure = asItIs }: CallEnding = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call = this.begin(new Call())
      const onAbort = signal && ((): void => call.cancel(abort()))
      if (onAbort) signal.addEventListener('abort', onAbort, { once: true })
      let late: NodeJS.Timeout | undefined
      const end = (done: boolean): void => {
        over?.(done)
        if (onAbort) signal.removeEventListener('abort', onAbort)
        clearTimeout(late)
        this.end(call)
      }
      let working: Promise<T>
      try {
        working = work(call)
      } catch (error) {
        reject(failure(error))
        end(false)
        return
      }
      // The caller gets the error after the cleanup, unless the work waits for something of the
      // user's that never comes.
      call.onCancel(reason => {
        if (reason !== callEnded) late = setTimeout(reject, endingGrace, reason)
      })
      working.then(
        result => {
          if (call.cancelled) reject(call.cancelled)
          else resolve(result)
          end(true)
        },
        (error: unknown) => {
          reject(call.cancelled ?? failure(error))
          end(false)
        },
      )
    })
  }

  /**
   * Asks a question in a flight with others that wait, or joins an equal one. Repeats it on another
   * session if one is lost.
   */
  ask<T>(call: Call, ask: Question<T>): Promise<T> {
    return call.settle<T>((resolve, reject) => {
      const timer = this.#queueTimer(reject)
      const begun = (): void => {
        call.started = true
        clearTimeout(timer)
      }
      const scheduler = this.#schedulerOf(ask.flight ?? shortReplies)
      let waiting: PendingQuestion | undefined
      const wait = (again: boolean): void => {
        waiting = scheduler.add(ask, asker, again)
      }
      const lost = ({ reason, attempted, replies, counts }: Loss): void => {
        waiting = undefined
        if (replies && ask.lost) return resolve(ask.lost(replies, reason, counts))
        if (counts) this.retry(call, reason).then(() => wait(attempted), reject)
        else wait(attempted)
      }
      const loginFailed = (reason: Error): void => this.#loginFailed(call, reason, reject)
      const asker = { begun, resolve, reject, loginFailed, lost } as Asker
      wait(false)
      return () => {
        clearTimeout(timer)
        if (waiting) scheduler.remove(waiting, asker)
      }
    })
  }

  /**
   * Counts a failed attempt of the call, and waits before the next one. A call makes 1 + `retries`
   * attempts, whatever is nested in it: after the last one, rejects with the error, which states
   * their number. `atOnce`: without a pause, because there has been one already.
   */
  async retry(call: Call, error: Error, { atOnce = false } = {}): Promise<void> {
    call.throwIfCancelled()
    if (!call.mayFollow(error, this.options.retries)) throw withAttempts(error, call.failed + 1)
    const pause = error instanceof ConnectionLostError ? delayAfterLoss : delayBefore
    const delay = atOnce ? 0 : pause(call.failed, this.options)
    this.log.retry({ attempt: call.failed + 1, delay, reason: error.message })
    if (delay > 0) await call.sleep(delay)
  }

  /** Waits for the first login, which identifies the server. Calls share one. */
  firstLogin(call: Call): Promise<void> {
    return this.#firstLogin.make(
      call,
      () => this.#sessions.totals.opened > 0,
      async () => (await this.acquire(call, 'metadata')).release(),
    )
  }

  /**
   * Waits for a session. Rejects with the error of the login, or the reason that cancelled `call`.
   */
  acquire(call: Call, kind: WorkKind): Promise<Lease> {
    return this.#acquire(call, kind, false) as Promise<Lease>
  }

  /**
   * Resolves with a session that is idle or can be opened, if no other call waits; else with
   * undefined.
   */
  async acquireIfFree(call: Call): Promise<Lease | undefined> {
    return this.#queue.free ? this.#acquire(call, 'transfer', true) : undefined
  }

  #acquire(call: Call, kind: WorkKind, ifFree: boolean): Promise<Lease | undefined> {
    if (kind === 'transfer') for (const each of this.#schedulers.values()) each.endJoining()
    return call.settle<Lease | undefined>((resolve, reject) => {
      const timer = this.#queueTimer(reject)
      const failed = (reason: Error): void => {
        // Another attempt would fail in the same way: the refusal is final, or the server stays
        // full.
        if (!ifFree) call.failed = this.options.retries
        reject(reason)
      }
      const waiter = new Waiter(lease => {
        call.started = true
        resolve(lease)
      }, failed)
      if (ifFree) waiter.refused = () => resolve(undefined)
      else waiter.loginFailed = reason => this.#loginFailed(call, reason, reject)
      this.#queue.wait(waiter, kind)
      return () => {
        clearTimeout(timer)
        this.#queue.cancel(waiter)
      }
    })
  }

  /** Counts a failed login for a call that waits for it. */
  #loginFailed(call: Call, error: Error, reject: (reason: Error) => void): void {
    if (!call.mayFollow(error, this.options.retries)) reject(withAttempts(error, call.failed + 1))
  }

  /**
   * Lets started calls finish, rejects waiting ones, ends open streams, then closes the sessions.
   * If something was lost, the pool is closed all the same, and the promise rejects with that
   * error.
   */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  /** Ends everything immediately. */
  destroy(): void {
    this.#closing ??= Promise.resolve()
    for (const call of this.#calls) {
      // Each call gets an error of its own: streams add to it what they leave behind.
      const reason = closedError()
      call.onClose?.(reason, true)
      call.cancel(reason)
    }
    this.#endSessions()
    this.#onDrained?.()
  }

  async #drain(): Promise<void> {
    for (const call of this.#calls) {
      if (call.onClose) call.onClose(closedError(), false)
      else if (!call.started) call.cancel(closedError())
    }
    if (this.#calls.size > 0) await new Promise<void>(resolve => (this.#onDrained = resolve))
    this.#endSessions()
    if (this.#lost.length > 0) throw lostError(this.#lost)
  }

  #endSessions(): void {
    const reason = closedError()
    this.#sessions.end(reason)
    this.#queue.end()
  }

  #schedulerOf(kind: FlightKind): FlightScheduler {
    const scheduler = this.#schedulers.get(kind) ?? new FlightScheduler(kind, this.#queue)
    this.#schedulers.set(kind, scheduler)
    return scheduler
  }

  #queueTimer(reject: (reason: Error) => void): NodeJS.Timeout | undefined {
    const { queueTimeout } = this.options
    return queueTimeout === undefined
      ? undefined
      : setTimeout(() => reject(queueTimeoutError(queueTimeout)), queueTimeout)
  }
}
