import type net from 'node:net'
import type { Command } from './commands.js'
import { openData, type DataOptions } from './data.js'
import { ConnectionLostError } from './errors.js'
import { Flight } from './flight.js'
import { isPositive, type Reply } from './replies.js'
import type { Session } from './session.js'
import { TransferWatch } from './transfer-watch.js'

export interface OutgoingOptions extends Omit<DataOptions, 'commands'> {
  /** A command that the transfer depends on, and whose reply must have come: REST. */
  before?: Command
  /** STOR or APPE. */
  command: Command
  /** What may be written behind it in the same write: SIZE, on servers that stand it. Without pipelining it is left out. */
  behind?: readonly Command[]
}

// Progress is seen piece by piece.
const pieceLength = 256 * 1024

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
    this.#failure = socket.errored ?? undefined
    socket.on('error', error => (this.#failure = error))
    // The server sends nothing here; read, or its FIN would not be seen.
    socket.resume()
    flight.done.then(
      replies => isPositive(replies[0]!) || socket.destroy(),
      () => {},
    )
  }

  /** Opens the data connection, sends the commands and waits for the 1xx. Resolves with the refusal, if there is one. */
  static async open(session: Session, options: OutgoingOptions): Promise<Outgoing | Reply> {
    const { before, command, behind = [] } = options
    const data = await openData(session, { ...options, commands: [command] })
    if (!('socket' in data)) return data
    const { socket } = data
    try {
      const refusal = before && (await prepare(session, before))
      const begun = refusal ?? (await begin(session, command, behind))
      if (begun instanceof Flight) return new Outgoing(session, socket, begun)
      socket.destroy()
      return begun
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  /**
   * Resolves when the chunk has been handed to the system, so that its memory may be used again: with false
   * when the connection is gone, and `end` tells why.
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    for (let at = 0; at < chunk.length; at += pieceLength) {
      if (!(await this.#writePiece(chunk.subarray(at, at + pieceLength)))) return false
    }
    return true
  }

  async #writePiece(piece: Uint8Array): Promise<boolean> {
    const socket = this.#socket
    if (socket.destroyed) return false
    this.#watch.start()
    const written = await new Promise<boolean>(resolve => socket.write(piece, error => resolve(!error)))
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
      this.#watch.start()
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
    await this.#session.stop(this.#flight, this.#socket)
  }
}

/** Sends what the transfer depends on. Resolves with the refusal, if there is one. */
async function prepare(session: Session, before: Command): Promise<Reply | undefined> {
  const [reply] = await session.flight([before])
  return isPositive(reply!) ? undefined : reply
}

/** Sends the transfer command and waits for its 1xx. Resolves with the final reply where none comes. */
async function begin(
  session: Session,
  command: Command,
  behind: readonly Command[],
): Promise<Flight | Reply> {
  const riders = session.server.pipelining === 'broken' ? [] : behind
  const flight = session.begin([command, ...riders])
  if (!(await flight.begun)) return (await flight.done)[0]!
  flight.limit(0)
  return flight
}
