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
   * Milliseconds after which an idle session is checked by NOOP before it is used. Default 15 000.
   */
  checkAfter?: number
}

// Idle sessions other than the last one are closed after `idleTimeout` divided by this.
const spareShare = 4

// Milliseconds allowed for the reply to the check.
const checkPatience = 5_000

/** The sessions of a pool, from the start of their login to their end. */
export class Sessions {
  readonly #opening = new Set<Session>()
  readonly #open = new Set<Session>()
  /** The session given back last is taken first, so that surplus sessions grow old. */
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

  /** The number of sessions that are logged in. */
  get size(): number {
    return this.#open.size
  }

  /** The number of idle sessions. */
  get idle(): number {
    return this.#idle.length
  }

  /** Sessions opened, flights and commands written, in total. */
  get totals(): { opened: number; flights: number; commands: number } {
    const totals = { ...this.#past }
    for (const { flights, commands } of [...this.#opening, ...this.#open]) {
      totals.flights += flights
      totals.commands += commands
    }
    return totals
  }

  /** Takes an idle session that is alive, as far as that can be known. */
  async takeIdle(): Promise<Session | undefined> {
    for (;;) {
      const session = this.#idle.pop()
      if (!session) return undefined
      const idle = Date.now() - this.#rests.get(session)!.since
      this.#wake(session)
      session.hold(true)
      if (idle < (this.options.checkAfter ?? 15_000) || (await this.#lives(session))) return session
      // Sessions idle for longer are lost for the same reason: a firewall forgot them, or the
      // machine slept.
      this.closeIdle()
    }
  }

  /**
   * Opens a session. Rejects with the socket's error, a LoginError, a TooManyConnectionsError or a
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
   * Takes a session back, and keeps it for `idleTimeout` without keeping the process alive. All but
   * the last one close sooner, because others may wait for the server's room.
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

  /** Closes all sessions at once. From then on, `open` rejects with `reason`. */
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
        // Replaces the data connection that was opened ahead, which has been idle as long as the
        // session.
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
