import type { Command } from '../session/command.js'
import type { Flight } from '../session/flight.js'
import { ConnectionLostError } from '../ftp-errors.js'
import type { Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'

export interface TransferCommands {
  /** What is asked in front, in the same write. */
  along?: readonly Command[]
  /** What is asked in front of that. It is left out where one segment does not hold it all. */
  front?: readonly Command[]
  /** Called with the replies to `front`, before the flight ends. */
  onFront?: (replies: readonly Reply[]) => void
  /** The transfer's command, behind what it depends on. */
  commands: readonly Command[]
  /** What may be written behind it in the same write, on servers that stand it. */
  behind?: readonly Command[]
}

/** The replies to a transfer and to what went with it. */
export interface TransferReplies {
  asked: readonly Reply[]
  answers: readonly Reply[]
  /** None where nothing was written behind. */
  behind: readonly Reply[]
}

// One TCP segment. Of what comes in a later one ProFTPD 1.3.8 and Pure-FTPd 1.0.50 refuse EPSV while the transfer runs.
const segment = 1200

/** Whether one write holds what is asked in front of a transfer, and the transfer's command. */
export function holdsFront(
  session: Session,
  { front = [], commands, behind = [] }: TransferCommands,
): boolean {
  const room = new Room(session, commands)
  return [session.warm.ask, behind, front].every(each => room.take(each).length === each.length)
}

/** The flight of a transfer: its command, what goes along and behind, and EPSV for the data connection of the next one. */
export class TransferFlight {
  readonly flight: Flight
  readonly done: Promise<TransferReplies>
  readonly #session: Session
  readonly #along: number
  readonly #commands: number
  readonly #warms: boolean

  /** `timeout`: as that of `Session.begin`. */
  constructor(session: Session, transfer: TransferCommands, timeout?: number) {
    const { along = [], front = [], commands, behind = [] } = transfer
    const room = new Room(session, [...along, ...commands])
    // A long path leaves out what is long, and not the next data connection, which costs 6 bytes.
    const next = room.take(session.warm.ask)
    const riders = room.take(behind)
    const asked = room.take(front)
    this.#session = session
    this.#along = asked.length + along.length
    this.#commands = commands.length
    this.#warms = next.length > 0
    this.flight = session.begin([...asked, ...along, ...commands, ...riders, ...next], timeout)
    if (asked.length > 0) void this.#tell(asked.length, transfer)
    this.done = this.flight.done.then(
      replies => this.#part(replies),
      error => {
        if (error instanceof ConnectionLostError) error.answered = error.answered.slice(this.#along)
        throw error
      },
    )
    this.done.catch(() => {})
  }

  async #tell(count: number, { onFront }: TransferCommands): Promise<void> {
    await this.flight.answered(count)
    const replies = this.flight.answers.slice(0, count)
    if (replies.length === count) onFront?.(replies)
  }

  #part(received: readonly Reply[]): TransferReplies {
    const transfer = this.#along + this.#commands - 1
    const replies = this.flight.stopped ? received : this.#inOrder(received, transfer)
    if (this.#warms) this.#session.warm.take(replies.at(-1))
    return {
      asked: replies.slice(0, this.#along),
      answers: replies.slice(this.#along, transfer + 1),
      behind: replies.slice(transfer + 1, this.#warms ? -1 : undefined),
    }
  }

  /** Where the write was cut on its way, replies may come before the transfer's: `450` or `500` to EPSV, `213` to SIZE. */
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

/** What a write has room for next to what has to go in it. */
class Room {
  readonly #session: Session
  #left: number

  constructor(session: Session, written: readonly Command[]) {
    const { can, setsTransfersApart } = session.server
    const stands = can.behindTransfer.usable && !setsTransfersApart
    this.#session = session
    this.#left = stands ? segment - session.length(written) : -1
  }

  /** The commands, where there is room for all of them; else none. */
  take(commands: readonly Command[]): readonly Command[] {
    const length = this.#session.length(commands)
    if (length > this.#left) return []
    this.#left -= length
    return commands
  }
}

/** Whether it is the reply to a transfer that is complete, which that to nothing else can be. */
const ends = ({ code }: Reply): boolean => code === 226 || code === 250
