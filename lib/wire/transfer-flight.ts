import type { Command } from './commands.js'
import type { Flight } from './flight.js'
import { ConnectionLostError } from './errors.js'
import type { Reply } from './replies.js'
import type { Session } from './session.js'

export interface TransferCommands {
  /** What is asked in front, in the same write. */
  along?: readonly Command[]
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

/** The flight of a transfer: its command, what goes along and behind, and EPSV for the data connection of the next one. */
export class TransferFlight {
  readonly flight: Flight
  readonly done: Promise<TransferReplies>
  readonly #session: Session
  readonly #along: number
  readonly #commands: number
  readonly #warms: boolean

  /** `timeout`: as that of `Session.begin`. */
  constructor(session: Session, { along = [], commands, behind = [] }: TransferCommands, timeout?: number) {
    const { server } = session
    const next = session.warm.ask
    const written = [...along, ...commands, ...behind, ...next]
    const stands = server.quirks.commandsBehindTransfer && server.pipelining !== 'broken' && server.keepsOrder
    const riders = stands && session.length(written) <= segment
    this.#session = session
    this.#along = along.length
    this.#commands = commands.length
    this.#warms = riders && next.length > 0
    this.flight = session.begin(riders ? written : [...along, ...commands], timeout)
    this.done = this.flight.done.then(
      replies => this.#part(replies),
      error => {
        if (error instanceof ConnectionLostError) error.answered = error.answered.slice(this.#along)
        throw error
      },
    )
    this.done.catch(() => {})
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
    this.#session.server.keepsOrder = false
    const [ending] = behind.splice(index, 1)
    return [...replies.slice(0, transfer), ending!, ...behind]
  }
}

/** Whether it is the reply to a transfer that is complete, which that to nothing else can be. */
const ends = ({ code }: Reply): boolean => code === 226 || code === 250
