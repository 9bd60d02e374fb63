import { command } from '../wire/session/command.js'
import { ConnectionLostError } from '../wire/ftp-errors.js'
import type { Log } from '../wire/log.js'
import { login } from '../wire/session/login.js'
import type { ServerProfile } from '../wire/server/server-profile.js'
import type { Session, SessionOptions } from '../wire/session/session.js'
import { Admission } from './admission.js'

export interface SessionsOptions extends SessionOptions {
  /** Milliseconds after which an idle session is closed. */
  idleTimeout: number
  /**
   * Milliseconds after which an idle session is asked for a sign of life before it is used. Default
   * 15 000.
   */
  checkAfter?: number
}

// The part of `idleTimeout` after which an idle session is closed that is not the last one.
const spareShare = 4

// How long it may take to give a sign of life.
const checkPatience = 5_000

/** The sessions of a pool, from the beginning of their login to their end. */
export class Sessions {
  readonly #opening = new Set<Session>()
  readonly #open = new Set<Session>()
  /** The one given back last is taken first, so that those too many grow old. */
  readonly #idle: Session[] = []
  readonly #rests = new Map<Session, { since: number; timer: NodeJS.Timeout }>()
  readonly #admission = new Admission()
  readonly #past = { opened: 0, flights: 0, commands: 0 }
  #ended: Error | undefined

  constructor(
    readonly options: SessionsOptions,
    readonly server: ServerProfile,
    readonly log: Log,
  ) {}

  /** How many are logged in. */
  get size(): number {
    return this.#open.size
  }

  /** How many of them are idle. */
  get idle(): number {
    return this.#idle.length
  }

  /** Sessions opened, flights and commands written, since the beginning. */
  get totals(): { opened: number; flights: number; commands: number } {
    const totals = { ...this.#past }
    for (const { flights, commands } of [...this.#opening, ...this.#open]) {
      totals.flights += flights
      totals.commands += commands
    }
    return totals
  }

  /** A session that is idle, if one is: a live one, as far as can be known. */
  async takeIdle(): Promise<Session | undefined> {
    for (;;) {
      const session = this.#idle.pop()
      if (!session) return undefined
      const idle = Date.now() - this.#rests.get(session)!.since
      this.#wake(session)
      session.hold(true)
      if (idle < (this.options.checkAfter ?? 15_000) || (await this.#lives(session))) return session
      // What has been idle for longer went the same way: a firewall that forgot it, a machine that
      // slept.
      this.closeIdle()
    }
  }

  /**
   * A new session. Rejects with the socket's error, a LoginError, a TooManyConnectionsError or a
   * ConnectionLostError.
   */
  async open(): Promise<Session> {
    this.#throwIfEnded()
    try {
      const session = await this.#admission.enter(entry =>
        login(this.options, this.server, this.log, { begun: session => this.#watch(session), ...entry }),
      )
      if (session.closed) throw new ConnectionLostError('The session ended after the login')
      this.#opening.delete(session)
      this.#open.add(session)
      this.#past.opened += 1
      return session
    } catch (error) {
      this.#throwIfEnded()
      throw error
    }
  }

  /**
   * Takes back a session that is not needed any more: keeps it for `idleTimeout`, without keeping
   * the process alive. Those beyond the last one go sooner, since others may wait for the server's
   * room.
   */
  giveBack(session: Session): void {
    if (!session.usable) return
    session.hold(false)
    this.#idle.push(session)
    this.#rests.set(session, { since: Date.now(), timer: this.#timer(session, this.#spareTimeout) })
  }

  get #spareTimeout(): number {
    return Math.ceil(this.options.idleTimeout / spareShare)
  }

  #timer(session: Session, patience: number): NodeJS.Timeout {
    return setTimeout(() => {
      const rest = this.#rests.get(session)!
      const left = rest.since + this.options.idleTimeout - Date.now()
      if (this.#open.size > 1 || left <= 0) session.close()
      else rest.timer = this.#timer(session, left)
    }, patience).unref()
  }

  closeIdle(): void {
    for (const session of [...this.#idle]) session.close()
  }

  /** Closes all at once, and opens no other: who asks for one gets `reason`. */
  end(reason: Error): void {
    this.#ended = reason
    for (const session of [...this.#opening, ...this.#open]) session.close()
  }

  #wake(session: Session): void {
    clearTimeout(this.#rests.get(session)?.timer)
    this.#rests.delete(session)
  }

  async #lives(session: Session): Promise<boolean> {
    const patience = Math.min(checkPatience, this.options.shortTimeout)
    const { warm } = session
    const next = warm.ask
    return session.begin([command('NOOP'), ...next], patience).done.then(
      replies => {
        // A data connection that was made ahead is as old as the session's rest.
        warm.take(next.length > 0 ? replies.at(-1) : undefined)
        return true
      },
      () => false,
    )
  }

  #throwIfEnded(): void {
    if (this.#ended) throw this.#ended
  }

  #watch(session: Session): void {
    this.#opening.add(session)
    session.onClosed = () => this.#forget(session)
  }

  #forget(session: Session): void {
    this.#opening.delete(session)
    this.#open.delete(session)
    this.#past.flights += session.flights
    this.#past.commands += session.commands
    this.#wake(session)
    const index = this.#idle.indexOf(session)
    if (index >= 0) this.#idle.splice(index, 1)
  }
}
