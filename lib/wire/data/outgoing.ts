import type { Command } from '../session/command.js'
import { openData, type DataOptions } from './data.js'
import type { DataConnection } from './data-connection.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'
import { stopTransfer } from './stop-transfer.js'
import { holdsFront, TransferFlight, type TransferCommands } from './transfer-flight.js'

export interface OutgoingOptions extends Omit<DataOptions, 'commands'> {
  /** A command that the transfer depends on, and whose reply must have come: REST. */
  before?: Command
  /** STOR or APPE. */
  command: Command
  /**
   * Called with the replies to what goes along, as soon as they are there. That goes with the
   * command that opens the data connection, and over a data connection that was made ahead in front
   * of the transfer's command, in the same write.
   */
  onAsked?: (asked: readonly Reply[]) => void
  /** Called before the transfer's command is sent: from then on the file may be another. */
  onCommand?: () => void
  /** What is written behind it in the same write: SIZE. It is left out where the server does not stand that. */
  behind?: readonly Command[]
}

// Progress is seen piece by piece.
const pieceLength = 256 * 1024

/** Bytes on their way to the server: one data connection, from its opening to the final reply. */
export class Outgoing {
  /** The 1xx has come: the server has begun to store. */
  accepted = false

  private constructor(
    private readonly session: Session,
    private readonly data: DataConnection,
    private readonly transfer: TransferFlight,
  ) {
    const { flight } = transfer
    void flight.begun.then(begun => {
      this.accepted = begun
      if (begun) flight.limit(0)
    })
    // The server sends nothing here; read, or its FIN would not be seen.
    data.discard()
  }

  /**
   * Opens the data connection, sends the commands and waits until bytes can flow. Resolves with the refusal, if there is one;
   * where the first bytes may go before the 1xx it may come later, at the end.
   */
  static async open(session: Session, options: OutgoingOptions): Promise<Outgoing | Reply> {
    const { along = [], judge, before, command, behind = [] } = options
    const { onAsked, onCommand } = options
    // Bytes are on their way before anything is judged then; and what stood there has to be known.
    const ahead =
      options.ahead === true &&
      !judge &&
      !before &&
      (along.length === 0 || holdsFront(session, { front: along, commands: [command], behind }))
    const opened = await openData(session, { ...options, ahead, commands: [command] })
    if (!('data' in opened)) return opened
    const { data, asked } = opened
    try {
      if (asked && asked.length > 0) onAsked?.(asked)
      const front = asked ? [] : along
      const refusal = before && (await prepare(session, before))
      const commands = { front, commands: [command], behind, ...(onAsked && { onFront: onAsked }) }
      if (!refusal) onCommand?.()
      const begun = refusal ?? (await begin(session, data, commands))
      if (begun instanceof TransferFlight) return new Outgoing(session, data, begun)
      const flaw = data.flaw(begun)
      if (flaw) throw flaw
      data.destroy()
      data.over(begun)
      return begun
    } catch (error) {
      const reason = data.reason(error)
      data.destroy()
      data.over(reason)
      throw reason
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
    const { session, data, transfer } = this
    try {
      await data.end()
      transfer.flight.expire(session.options.readWriteTimeout)
      const { answers, behind } = await transfer.done
      data.destroy()
      const flaw = data.flaw(answers[0]!)
      if (flaw) throw flaw
      data.over(answers[0])
      return [...answers, ...behind]
    } catch (error) {
      const reason = data.reason(error)
      // The last bytes may be on their way though the session is lost: the size of the file tells nothing before they are there.
      if (session.closed) await data.drained()
      data.destroy()
      data.over(reason)
      throw reason
    }
  }

  /** Resolves when the server has begun to store: with false when it will not, and `end` tells why. */
  begun(): Promise<boolean> {
    return this.transfer.flight.begun
  }

  /** The data connection was made ahead. */
  get ahead(): boolean {
    return this.data.ahead
  }

  /** How many bytes have been handed to the system. */
  get bytes(): number {
    return this.data.bytes
  }

  /** Cuts the transfer: what has been sent may be on the server. Resolves when the session can be used again. */
  async stop(): Promise<void> {
    this.data.pause()
    this.data.over()
    await stopTransfer(this.session, this.transfer.flight, this.data)
  }
}

/** Sends what the transfer depends on. Resolves with the refusal, if there is one. */
async function prepare(session: Session, before: Command): Promise<Reply | undefined> {
  const [reply] = await session.flight([before])
  return isPositive(reply!) ? undefined : reply
}

/** Sends the transfer command and waits until bytes can flow. Resolves with the final reply where they never can. */
async function begin(
  session: Session,
  data: DataConnection,
  commands: TransferCommands,
): Promise<TransferFlight | Reply> {
  const transfer = new TransferFlight(session, commands)
  const { flight } = transfer
  data.expect(commands.commands.at(-1)!, flight.begun)
  transfer.done.then(
    ({ answers }) => isPositive(answers[0]!) || data.destroy(),
    () => {},
  )
  const { quirks, can } = session.server
  const early = quirks.dataBeforeReply || can.uploadReply.failed
  if ((early || (await flight.begun)) && (await data.opens())) return transfer
  flight.limit(data.replyPatience)
  try {
    return (await transfer.done).answers[0]!
  } catch (error) {
    // Some servers send no 1xx, and wait for the bytes: the next attempt sends them.
    if ((error as NodeJS.ErrnoException).code === 'ETIMEDOUT') can.uploadReply.fail()
    throw error
  }
}
