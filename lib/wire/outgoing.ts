import type { Command } from './commands.js'
import { openData, type DataOptions } from './data.js'
import type { DataConnection } from './data-connection.js'
import { FtpError } from './errors.js'
import type { Flight } from './flight.js'
import { isPositive, type Reply } from './replies.js'
import type { Session } from './session.js'

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
  private constructor(
    readonly session: Session,
    readonly data: DataConnection,
    readonly flight: Flight,
    readonly command: Command,
  ) {
    // The server sends nothing here; read, or its FIN would not be seen.
    data.discard()
    session.beginTransfer(command)
    flight.done.then(
      replies => isPositive(replies[0]!) || data.destroy(),
      () => {},
    )
  }

  /**
   * Opens the data connection, sends the commands and waits for the 1xx, and until bytes can flow. Resolves with the
   * refusal, if there is one.
   */
  static async open(session: Session, options: OutgoingOptions): Promise<Outgoing | Reply> {
    const { before, command, behind = [] } = options
    const opened = await openData(session, { ...options, commands: [command] })
    if (!('data' in opened)) return opened
    const { data } = opened
    try {
      const refusal = before && (await prepare(session, before))
      if (!refusal) {
        const riders = session.server.pipelining === 'broken' ? [] : behind
        const flight = session.begin([command, ...riders])
        const reply = await begin(flight, data)
        if (!reply) return new Outgoing(session, data, flight, command)
        const flaw = data.flaw(reply)
        if (flaw) throw flaw
        data.destroy()
        return reply
      }
      data.destroy()
      return refusal
    } catch (error) {
      data.destroy()
      throw reasonOf(data, error)
    }
  }

  /**
   * Resolves when the chunk has been handed to the system, so that its memory may be used again: with false
   * when the connection is gone, and `end` tells why.
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    for (let at = 0; at < chunk.length; at += pieceLength) {
      if (!(await this.data.write(chunk.subarray(at, at + pieceLength)))) return false
    }
    return true
  }

  /**
   * Closes the data connection and resolves with the final replies: to the transfer, and to what went behind
   * it. Rejects with a ConnectionLostError when either connection broke.
   */
  async end(): Promise<Reply[]> {
    const { session, data, flight, command } = this
    try {
      await data.end()
      flight.limit(session.options.readWriteTimeout)
      const replies = await flight.done
      data.destroy()
      const flaw = data.flaw(replies[0]!)
      if (flaw) throw flaw
      session.endTransfer(command, data.bytes)
      return replies
    } catch (error) {
      const reason = reasonOf(data, error)
      data.destroy()
      session.endTransfer(command, data.bytes, reason)
      throw reason
    }
  }

  /** Cuts the transfer: what has been sent may be on the server. Resolves when the session can be used again. */
  async stop(): Promise<void> {
    this.data.pause()
    await this.session.stop(this.flight, this.data)
  }
}

/** Sends what the transfer depends on. Resolves with the refusal, if there is one. */
async function prepare(session: Session, before: Command): Promise<Reply | undefined> {
  const [reply] = await session.flight([before])
  return isPositive(reply!) ? undefined : reply
}

/** Waits for the 1xx, and until bytes can flow. Resolves with the final reply where none comes. */
async function begin(flight: Flight, data: DataConnection): Promise<Reply | undefined> {
  data.expect(flight.begun)
  const begun = await flight.begun
  const open =
    begun &&
    (await data.ready.then(
      () => true,
      () => false,
    ))
  if (!open) return (await flight.done)[0]!
  flight.limit(0)
  return undefined
}

/** What ended the session, if that was the data connection's fault. */
function reasonOf(data: DataConnection, error: unknown): Error {
  return data.failure instanceof FtpError ? data.failure : (error as Error)
}
