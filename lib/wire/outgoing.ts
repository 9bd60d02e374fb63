import type net from 'node:net'
import type { Command } from './commands.js'
import { openData } from './data.js'
import { ConnectionLostError } from './errors.js'
import type { Flight } from './flight.js'
import { isPositive, type Reply } from './replies.js'
import type { Session } from './session.js'
import { TransferWatch } from './transfer-watch.js'

export interface OutgoingOptions {
  /** Commands that go in the flight of EPSV, in front of it. */
  along?: readonly Command[]
  /** Judges their replies: a reply that it returns ends the attempt before anything is sent. */
  judge?: (asked: Reply[]) => Reply | undefined
  /** A command that the transfer depends on, and whose reply must have come: REST. */
  before?: Command
  /** STOR or APPE. */
  command: Command
  /** What may be written behind it in the same write: SIZE, on servers that stand it. */
  behind?: readonly Command[]
}

/** Bytes on their way to the server: one data connection, from its opening to the final reply. */
export class Outgoing {
  readonly #session: Session
  readonly #socket: net.Socket
  readonly #flight: Flight
  readonly #watch: TransferWatch
  readonly #closed: Promise<void>
  #failure: Error | undefined

  private constructor(session: Session, socket: net.Socket, flight: Flight) {
    this.#session = session
    this.#socket = socket
    this.#flight = flight
    this.#watch = new TransferWatch(socket, session.options.readWriteTimeout)
    this.#closed = new Promise(resolve => socket.once('close', () => resolve()))
    socket.on('error', error => (this.#failure = error))
    // The server sends nothing here; read, or its FIN would not be seen.
    socket.resume()
  }

  /** Opens the data connection, sends the commands and waits for the 1xx. Resolves with the refusal, if there is one. */
  static async open(session: Session, options: OutgoingOptions): Promise<Outgoing | Reply> {
    const { socket, replies } = await openData(session, options.along)
    let refusal = options.judge?.(replies) ?? (await session.enter([options.command]))
    if (!refusal && options.before) {
      const [reply] = await session.flight([options.before])
      if (!isPositive(reply!)) refusal = reply
    }
    if (refusal) {
      socket.destroy()
      return refusal
    }
    let begin = (): void => {}
    const begun = new Promise<void>(resolve => (begin = resolve))
    const flight = session.begin([options.command, ...(options.behind ?? [])], {
      onPreliminary: () => begin(),
    })
    await Promise.race([begun, flight.done])
    if (flight.complete) {
      socket.destroy()
      return flight.answers[0]!
    }
    flight.limit(0)
    return new Outgoing(session, socket, flight)
  }

  /**
   * Resolves when the chunk has been handed to the system, so that its memory may be used again: with false
   * when the connection is gone, and `end` tells why.
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    const socket = this.#socket
    if (socket.destroyed || this.#flight.complete) return false
    this.#watch.progress()
    const written = await new Promise<boolean>(resolve => socket.write(chunk, error => resolve(!error)))
    this.#watch.pause()
    return written
  }

  /**
   * Closes the data connection and resolves with the final replies: to the transfer, and to what went behind
   * it. Rejects with a ConnectionLostError when either connection broke.
   */
  async end(): Promise<Reply[]> {
    const socket = this.#socket
    if (!socket.destroyed) {
      this.#watch.progress()
      socket.end()
      await Promise.race([this.#closed, new Promise(resolve => socket.once('finish', resolve))])
      this.#watch.pause()
    }
    this.#flight.limit(this.#session.options.readWriteTimeout)
    const replies = await this.#flight.done
    socket.destroy()
    if (this.#failure && isPositive(replies[0]!)) {
      // pyftpdlib 1.5.7 answers 226 to an upload whose connection was reset.
      const { message } = this.#failure
      throw new ConnectionLostError(`The data connection broke: ${message}`, { cause: this.#failure })
    }
    return replies
  }

  /** Cuts the transfer: what has been sent may be on the server. Resolves when the session can be used again. */
  async stop(): Promise<void> {
    this.#watch.pause()
    this.#socket.resetAndDestroy()
    await this.#session.stopped(this.#flight)
  }
}
