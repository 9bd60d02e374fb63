import type { Command } from '../session/command.js'
import { openData, type DataOptions } from './data.js'
import type { DataConnection } from './data-connection.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'
import { stopTransfer } from './stop-transfer.js'
import { holdsFront, TransferFlight, type TransferCommands } from './transfer-flight.js'

export interface OutgoingOptions extends Omit<DataOptions, 'commands'> {
  /** A command that the transfer depends on, and whose reply must come first: REST. */
  before?: Command
  /** STOR or APPE. */
  command: Command
  /**
   * Called with the replies to `along` as soon as they have come. These commands go with the
   * command that opens the data connection; over a connection that was opened ahead, in the same
   * write before the transfer's command.
   */
  onAsked?: (asked: readonly Reply[]) => void
  /** Called before the transfer's command is sent: from then on the file may change. */
  onCommand?: () => void
  /** Commands to write after it in the same write: SIZE. Omitted if the server cannot cope. */
  behind?: readonly Command[]
}

// Progress shows once per piece.
const pieceLength = 256 * 1024

/** A transfer to the server: one data connection, from its opening to the final reply. */
export class Outgoing {
  /** The 1xx has come: the server stores the file. */
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
    // Read, although the server sends nothing: without a read, its FIN goes unnoticed.
    data.discard()
  }

  /**
   * Opens the data connection, sends the commands and waits until bytes can flow. Resolves with the
   * refusal, if any; if bytes may flow before the 1xx, `end` may return the refusal instead.
   */
  static async open(session: Session, options: OutgoingOptions): Promise<Outgoing | Reply> {
    const { along = [], judge, before, command, behind = [] } = options
    const { onAsked, onCommand } = options
    // Over a connection opened ahead, bytes flow before `judge` could refuse, and the replies to
    // `along` must come in the same write.
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
   * Resolves with true when the system has taken the chunk, so that its memory may be reused; with
   * false if the connection is gone, and `end` reports why.
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    for (let at = 0; at < chunk.length; at += pieceLength) {
      if (!(await this.data.write(chunk.subarray(at, at + pieceLength)))) return false
    }
    return true
  }

  /**
   * Closes the data connection and resolves with the final replies to the transfer and to `behind`.
   * Rejects with a ConnectionLostError if either connection broke.
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
      // The last bytes may still be on their way although the session is lost: until they arrive,
      // the size of the file proves nothing.
      if (session.closed) await data.drained()
      data.destroy()
      data.over(reason)
      throw reason
    }
  }

  /** Resolves with true at the 1xx; with false if none comes, and `end` reports why. */
  begun(): Promise<boolean> {
    return this.transfer.flight.begun
  }

  /** Whether the data connection was opened ahead. */
  get ahead(): boolean {
    return this.data.ahead
  }

  /** The number of bytes that the system has taken. */
  get bytes(): number {
    return this.data.bytes
  }

  /**
   * Aborts the transfer: the server may keep the bytes that were sent. Resolves when the session is
   * usable again.
   */
  async stop(): Promise<void> {
    this.data.pause()
    this.data.over()
    await stopTransfer(this.session, this.transfer.flight, this.data)
  }
}

/** Sends the command that the transfer depends on. Resolves with the refusal, if any. */
async function prepare(session: Session, before: Command): Promise<Reply | undefined> {
  const [reply] = await session.flight([before])
  return isPositive(reply!) ? undefined : reply
}

/**
 * Sends the transfer command and waits until bytes can flow. Resolves with the final reply if they
 * never can.
 */
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
    // Some servers send no 1xx and wait for the bytes: the next attempt sends them without it.
    if ((error as NodeJS.ErrnoException).code === 'ETIMEDOUT') can.uploadReply.fail()
    throw error
  }
}
