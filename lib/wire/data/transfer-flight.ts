import type { Command } from '../session/command.js'
import type { Flight } from '../session/flight.js'
import { ConnectionLostError } from '../ftp-errors.js'
import type { Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

export interface TransferCommands {
  /** Commands before the transfer's, in the same write. */
  along?: readonly Command[]
  /** Commands before `along`. Omitted if one segment does not hold the whole write. */
  front?: readonly Command[]
  /** Called with the replies to `front`, before the flight ends. */
  onFront?: (replies: readonly Reply[]) => void
  /** The transfer's command, after those that it depends on. */
  commands: readonly Command[]
  /** Commands after the transfer's in the same write, on servers that can cope. */
  behind?: readonly Command[]
}

/** The replies to a transfer and to the commands of the same write. */
export interface TransferReplies {
  asked: readonly Reply[]
  answers: readonly Reply[]
  /** Empty if no command was written after the transfer's. */
  behind: readonly Reply[]
}

// One TCP segment. ProFTPD 1.3.8 and Pure-FTPd 1.0.50 refuse an EPSV that arrives in a later
// segment, while the transfer runs.
const segment = 1200

/** Whether one write holds the transfer's command with all commands before and after it. */
export function holdsFront(
  session: Session,
  { front = [], commands, behind = [] }: TransferCommands,
): boolean {
  const room = new Room(session, commands)
  return [session.warm.ask, behind, front].every(each => room.take(each).length === each.length)
}

/**
 * The flight of a transfer: its command, the commands before and after it, and EPSV for the data
 * connection of the next transfer.
 */
export class TransferFlight {
  readonly flight: Flight
  readonly done: Promise<TransferReplies>
  readonly #session: Session
  readonly #along: number
  readonly #commands: number
  readonly #warms: boolean

  /** @param timeout as for `Session.begin` */
  constructor(session: Session, transfer: TransferCommands, timeout?: number) {
    const { along = [], front = [], commands, behind = [] } = transfer
    const room = new Room(session, [...along, ...commands])
    // The next data connection comes first, as it takes 6 bytes: a long path displaces longer
    // commands.
    const next = room.take(session.warm.ask)
    const after = room.take(behind)
    const asked = room.take(front)
    this.#session = session
    this.#along = asked.length + along.length
    this.#commands = commands.length
    this.#warms = next.length > 0
    this.flight = session.begin([...asked, ...along, ...commands, ...after, ...next], timeout)
    if (asked.length > 0) void this.#reportFront(asked.length, transfer)
    this.done = this.flight.done.then(
      replies => this.#split(replies),
      error => {
        if (error instanceof ConnectionLostError) error.answered = error.answered.slice(this.#along)
        throw error
      },
    )
    this.done.catch(() => {})
  }

  async #reportFront(count: number, { onFront }: TransferCommands): Promise<void> {
    await this.flight.answered(count)
    const replies = this.flight.answers.slice(0, count)
    if (replies.length === count) onFront?.(replies)
  }

  #split(received: readonly Reply[]): TransferReplies {
    const transfer = this.#along + this.#commands - 1
    const replies = this.flight.stopped ? received : this.#inOrder(received, transfer)
    if (this.#warms) this.#session.warm.take(replies.at(-1))
    return {
      asked: replies.slice(0, this.#along),
      answers: replies.slice(this.#along, transfer + 1),
      behind: replies.slice(transfer + 1, this.#warms ? -1 : undefined),
    }
  }

  /**
   * The replies in the order of their commands. If the network split the write, replies to later
   * commands may precede the transfer's: `450` or `500` to EPSV, `213` to SIZE.
   */
  #inOrder(replies: readonly Reply[], transfer: number): readonly Reply[] {
    const behind = replies.slice(transfer)
    if (behind.length === 1 || ends(behind[0]!)) return replies
    const found = behind.findIndex(ends)
    const index = found >= 0 ? found : behind.findIndex(({ code }) => code !== 213 && code !== 229)
    if (index <= 0) return replies
    this.#session.server.can.behindTransfer.fail()
    const [ending] = behind.splice(index, 1)
    return [...replies.slice(0, transfer), ending!, ...behind]
  }
}

/** The room in one write beside the commands that it must hold. */
class Room {
  readonly #session: Session
  #left: number

  constructor(session: Session, written: readonly Command[]) {
    const { can, setsTransfersApart } = session.server
    const allowed = can.behindTransfer.usable && !setsTransfersApart
    this.#session = session
    this.#left = allowed ? segment - session.length(written) : -1
  }

  /** All of the commands if there is room for them, else none. */
  take(commands: readonly Command[]): readonly Command[] {
    const length = this.#session.length(commands)
    if (length > this.#left) return []
    this.#left -= length
    return commands
  }
}

/** Whether it is the final reply to a complete transfer: SIZE and EPSV have other codes. */
const ends = ({ code }: Reply): boolean => code === 226 || code === 250
