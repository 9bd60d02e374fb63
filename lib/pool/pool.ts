import PQueue from 'p-queue'
import { ConnectionLostError, FtpError, TooManyConnectionsError } from '../wire/errors.js'
import type { Log } from '../wire/log.js'
import { login } from '../wire/login.js'
import { ServerProfile } from '../wire/server-profile.js'
import type { Session, SessionOptions } from '../wire/session.js'
import type { Ask, WaitingAsk } from './ask.js'
import { Batch } from './batch.js'
import { Call } from './call.js'
import { closedError, queueTimeoutError } from './errors.js'
import { FairQueue, type FairOptions, type Kind } from './fair-queue.js'
import { Lease } from './lease.js'
import { mayRetry, retryDelay } from './retry.js'

export interface PoolOptions extends SessionOptions {
  connections: number
  /** Milliseconds after which an idle session is closed. */
  idleTimeout: number
  /** Milliseconds that a call waits for a session; undefined: as long as it takes. */
  queueTimeout?: number | undefined
}

export interface PoolStats {
  /** Sessions that are open now. */
  sessions: number
  /** Sessions in use now. */
  busy: number
  /** Calls and streams that wait for a session now. */
  waiting: number
  /** Sessions opened since the beginning. */
  opened: number
  /** Flights and commands written since the beginning. */
  flights: number
  commands: number
}

// After a 421 the pool stays small for so long before it tries one session more.
const growAfter = 60_000

/** The sessions of one FtpVfs: who may use which, and when. */
export class Pool {
  readonly server = new ServerProfile()
  readonly #queue: PQueue<FairQueue, FairOptions>
  readonly #batch = new Batch()
  readonly #open = new Set<Session>()
  readonly #idle: Session[] = []
  readonly #idleTimers = new Map<Session, NodeJS.Timeout>()
  readonly #leases = new Set<Lease>()
  readonly #calls = new Set<Call>()
  readonly #past = { opened: 0, flights: 0, commands: 0 }
  #grants = 0
  #gathering = false
  #shrunkAt = 0
  #closing: Promise<void> | undefined
  #ended = false
  #onDrained: (() => void) | undefined
  /** Cancelled by destroy: what the pool itself waits for. */
  readonly #life = new Call()

  constructor(
    readonly options: PoolOptions,
    readonly log: Log,
  ) {
    this.#queue = new PQueue({ concurrency: options.connections, queueClass: FairQueue })
  }

  /** Somebody waits for a session. */
  get wanted(): boolean {
    return this.#queue.size > 0
  }

  get stats(): PoolStats {
    let { flights, commands } = this.#past
    for (const session of this.#open) {
      flights += session.flights
      commands += session.commands
    }
    const { size: sessions } = this.#open
    return {
      sessions,
      busy: this.#leases.size,
      waiting: this.#queue.size,
      opened: this.#past.opened,
      flights,
      commands,
    }
  }

  /** Registers a call or stream for as long as it goes on. Throws when the pool is closed. */
  begin(call: Call): Call {
    if (this.#closing || this.#ended) throw closedError()
    this.#calls.add(call)
    return call
  }

  end(call: Call): void {
    this.#calls.delete(call)
    if (this.#calls.size === 0) this.#onDrained?.()
  }

  /** Runs a call of the user from its beginning to its end; cancelling rejects at once. */
  async run<T>(
    signal: AbortSignal | undefined,
    abort: () => Error,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const call = this.begin(new Call())
    const onAbort = (): void => call.cancel(abort())
    signal?.addEventListener('abort', onAbort, { once: true })
    const working = work(call)
    // When the call was cancelled, its work still ends in order before the pool counts it out.
    void working.catch(() => {}).finally(() => this.end(call))
    try {
      return await call.whileWanted(working)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Asks a question in a flight, with whatever else waits. Repeats it on another session when one is lost. */
  ask<T>(call: Call, ask: Ask<T>): Promise<T> {
    return call.settle<T>((resolve, reject) => {
      const waiting: WaitingAsk<T> = {
        ...ask,
        call,
        attempts: 0,
        again: false,
        settled: false,
        resolve,
        reject,
      }
      const timer = this.#queueTimer(reject)
      this.#batch.add(waiting as WaitingAsk)
      this.#gather()
      return () => {
        clearTimeout(timer)
        waiting.settled = true
      }
    })
  }

  /** Waits for a session. Rejects with what the login said, or what `call` was cancelled with. */
  acquire(call: Call, kind: Kind): Promise<Lease> {
    return call.settle<Lease>((resolve, reject) => {
      const timer = this.#queueTimer(reject)
      let settled = false
      const give = (lease: Lease): void => {
        call.started = true
        resolve(lease)
      }
      void this.#serve(kind, () => settled, give, reject)
      return () => {
        settled = true
        clearTimeout(timer)
      }
    })
  }

  /** A session that is free this moment, when nobody waits. */
  async acquireIfFree(call: Call): Promise<Lease | undefined> {
    if (this.wanted || this.#queue.pending >= this.#queue.concurrency) return undefined
    return this.acquire(call, 'transfer')
  }

  /** Does a piece of work with a session, again on another one when the session is lost and that is safe. */
  async withSession<T>(call: Call, kind: Kind, work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      const lease = await this.acquire(call, kind)
      try {
        return await work(lease.session)
      } catch (error) {
        if (!(error instanceof ConnectionLostError) || !mayRetry(attempts)) throw error
      } finally {
        lease.release()
      }
      await call.sleep(retryDelay(attempts))
    }
  }

  /** Lets what has begun finish, rejects what waits, ends open streams, then closes the sessions. */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  /** Ends everything at once. */
  destroy(): void {
    this.#ended = true
    this.#closing ??= Promise.resolve()
    const reason = closedError()
    for (const call of this.#calls) {
      call.onClose?.(reason, true)
      call.cancel(reason)
    }
    this.#life.cancel(reason)
    this.#onDrained?.()
    for (const session of this.#open) session.close()
  }

  async #drain(): Promise<void> {
    const reason = closedError()
    for (const call of this.#calls) {
      if (call.onClose) call.onClose(reason, false)
      else if (!call.started) call.cancel(reason)
    }
    if (this.#calls.size > 0) await new Promise<void>(resolve => (this.#onDrained = resolve))
    this.#ended = true
    await this.#queue.onIdle()
    for (const session of this.#open) session.close()
  }

  #queueTimer(reject: (reason: Error) => void): NodeJS.Timeout | undefined {
    const { queueTimeout } = this.options
    return queueTimeout === undefined
      ? undefined
      : setTimeout(() => reject(queueTimeoutError(queueTimeout)), queueTimeout)
  }

  /** Lets the questions of this turn of the event loop come together before they are written. */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    setImmediate(() => {
      this.#gathering = false
      this.#grant()
    })
  }

  #grant(): void {
    const wanted = Math.min(this.#batch.flights, this.#queue.concurrency)
    while (this.#grants < wanted) {
      this.#grants += 1
      void this.#serve(
        'metadata',
        () => {
          if (this.#batch.flights > 0) return false
          this.#grants -= 1
          return true
        },
        lease => {
          this.#grants -= 1
          void this.#batch
            .serve(lease.session)
            .finally(() => lease.release())
            .then(() => this.#grant())
        },
        reason => {
          this.#grants -= 1
          this.#batch.rejectNew(reason, () => false)
        },
      )
    }
  }

  /** Queues for a session; `given` is called with it, unless `idle` says by then that it is not wanted any more. */
  async #serve(
    kind: Kind,
    unwanted: () => boolean,
    given: (lease: Lease) => void,
    failed: (reason: Error) => void,
    since = Date.now(),
  ): Promise<void> {
    this.#grow()
    const turn = this.#queue.add(
      async () => {
        if (unwanted()) return
        let session: Session
        try {
          session = this.#takeIdle() ?? (await this.#login())
        } catch (error) {
          await this.#retryLogin(
            error as Error,
            since,
            () => this.#serve('again', unwanted, given, failed, since),
            failed,
          )
          return
        }
        if (unwanted()) {
          this.#giveBack(session)
          return
        }
        await new Promise<void>(resolve => {
          const lease = new Lease(session, () => {
            this.#leases.delete(lease)
            this.#giveBack(session)
            resolve()
          })
          this.#leases.add(lease)
          session.hold(true)
          given(lease)
        })
      },
      { kind },
    )
    if (this.wanted) for (const lease of this.#leases) lease.onWanted?.()
    await turn
  }

  /** The server has no room: with sessions of our own, the turn waits for one of them; without, for the server. */
  async #retryLogin(
    error: Error,
    since: number,
    again: () => Promise<void>,
    failed: (reason: Error) => void,
  ): Promise<void> {
    const waited = Date.now() - since
    if (!(error instanceof TooManyConnectionsError) || this.#ended) {
      failed(error)
    } else if (this.#open.size > 0) {
      this.#queue.concurrency = this.#open.size
      this.#shrunkAt = Date.now()
      this.log.note(0, `the server allows ${this.#open.size} sessions: the pool waits`)
      void again()
    } else if (waited > this.options.shortTimeout) {
      failed(error)
    } else {
      // The slot is kept meanwhile, so that the others do not besiege a server that is full.
      await this.#life.sleep(Math.min(100 + waited / 2, 2_000)).catch(() => {})
      void again()
    }
  }

  #grow(): void {
    const { concurrency } = this.#queue
    if (concurrency < this.options.connections && Date.now() - this.#shrunkAt > growAfter) {
      this.#shrunkAt = Date.now()
      this.#queue.concurrency = concurrency + 1
    }
  }

  async #login(): Promise<Session> {
    if (this.#ended) throw closedError()
    let session: Session
    try {
      session = await login(this.options, this.server, this.log)
    } catch (error) {
      // A server that was restarted or a connection that was cut while logging in deserves a second try.
      if (!(error instanceof ConnectionLostError) || error.code === 'ETIMEDOUT') throw error
      session = await login(this.options, this.server, this.log)
    }
    this.#past.opened += 1
    if (session.closed || this.#ended) {
      session.close()
      throw this.#ended
        ? closedError()
        : new FtpError('ERR_FTP_CONNECTION_LOST', 'The session ended after the login')
    }
    this.#open.add(session)
    session.onClosed = () => this.#forget(session)
    return session
  }

  #takeIdle(): Session | undefined {
    for (;;) {
      const session = this.#idle.pop()
      if (!session) return undefined
      clearTimeout(this.#idleTimers.get(session))
      this.#idleTimers.delete(session)
      if (session.usable) return session
    }
  }

  #giveBack(session: Session): void {
    if (this.#ended) session.close()
    if (!session.usable) return
    session.hold(false)
    this.#idle.push(session)
    const timer = setTimeout(() => session.close(), this.options.idleTimeout)
    timer.unref()
    this.#idleTimers.set(session, timer)
  }

  #forget(session: Session): void {
    if (!this.#open.delete(session)) return
    this.#past.flights += session.flights
    this.#past.commands += session.commands
    clearTimeout(this.#idleTimers.get(session))
    this.#idleTimers.delete(session)
    const index = this.#idle.indexOf(session)
    if (index >= 0) this.#idle.splice(index, 1)
  }
}
