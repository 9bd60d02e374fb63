import { command, type Command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError, FtpReplyError } from '../../wire/ftp-errors.js'
import { Outgoing } from '../../wire/data/outgoing.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import type { RefusedError } from '../refused.js'
import { sizeIn, stateIn, type FileState } from './file-state.js'

/**
 * How a segment ended. `before`: what stood there when it began; `unknown` where it was not asked.
 */
export type SegmentOutcome = Stored | Refused | Lost

export interface Stored {
  readonly end: 'stored'
  readonly before: FileState
  /** What the server has told on the spot; `unknown`: it does not tell, or see `asked`. */
  readonly now: FileState
  /** SIZE was asked and answered. */
  readonly asked: boolean
  /** The data connection was made ahead. */
  readonly ahead: boolean
  /** It was, and what it carried did not arrive, or that could not be seen. */
  readonly deadAhead: boolean
}

export interface Refused {
  readonly end: 'refused'
  readonly before: FileState
  readonly reply: Reply
  readonly verb: 'STOR' | 'APPE'
  /** The server had begun to store (1yz); else nothing has changed. */
  readonly accepted: boolean
  /** The command itself was refused, and not what goes before it. */
  readonly sent: boolean
  /** The data connection was made ahead. */
  readonly ahead: boolean
  readonly bytes: number
  readonly allSent: boolean
}

export interface Lost {
  readonly end: 'lost'
  readonly before: FileState
  readonly error: Error
  /** The server had begun to store (1yz). */
  readonly accepted: boolean
  /** The server has said of the command itself that it ended. */
  readonly told: boolean
  /** Bytes that had been handed to the system. */
  readonly bytes: number
  /** These were all that were to go. */
  readonly allSent: boolean
  /** Why the server refused it, where that may pass. */
  readonly refusal?: RefusedError
}

export interface SegmentOptions {
  readonly file: ServerFile
  readonly verb: 'STOR' | 'APPE'
  /** Where in the file the bytes go, with STOR (REST). */
  readonly position?: number | undefined
  /** What is asked before the first byte goes: of the file itself as a rule. */
  readonly asks: readonly Command[]
  /** Judges the replies before anything is sent: what it throws ends the attempt. */
  readonly judge?: ((replies: readonly Reply[]) => void) | undefined
  /** What stands there, where that need not be asked. */
  readonly before: FileState
  /** Called before the command is sent: from then on the file may be another. */
  readonly onCommand: () => void
  /** The data connection may be one that was made ahead: the bytes can be sent again. */
  readonly ahead: boolean
  /** The size is asked behind the transfer. */
  readonly sized: boolean
}

/** One STOR or APPE: the bytes of one data connection. Its end is a value, whatever happens. */
export class Segment {
  private constructor(
    readonly session: Session,
    readonly options: SegmentOptions,
    private readonly outgoing: Outgoing,
    private readonly asked: { before: FileState },
  ) {}

  /** Opens the data connection and sends the command. Throws only what `judge` throws. */
  static async open(session: Session, options: SegmentOptions): Promise<Segment | Refused | Lost> {
    const { file, verb, position, asks, judge, ahead } = options
    const asked = { before: options.before }
    let sent = false
    let judged: Error | undefined
    try {
      const outgoing = await Outgoing.open(session, {
        along: asks,
        ...(judge && {
          judge: (replies: Reply[]) => {
            try {
              judge(replies)
            } catch (error) {
              judged = error as Error
              throw error
            }
            return undefined
          },
        }),
        onAsked: replies => {
          if (asked.before === 'unknown') asked.before = stateIn(replies)
        },
        onCommand: () => {
          sent = true
          options.onCommand()
        },
        ...(position !== undefined && { before: command(`REST ${position}`) }),
        command: command(verb, file),
        behind: [command('SIZE', file), command('MDTM', file)],
        ahead,
      })
      if (outgoing instanceof Outgoing) return new Segment(session, options, outgoing, asked)
      return ended(
        outgoing,
        { verb, accepted: false, sent, ahead: false },
        { before: asked.before, bytes: 0, allSent: false },
      )
    } catch (error) {
      if (judged) throw judged
      const { before } = asked
      return { end: 'lost', before, error: error as Error, ...nothingSent }
    }
  }

  /** The server has begun to store (1yz). */
  get accepted(): boolean {
    return this.outgoing.accepted
  }

  /** What stood there before, as far as it has been told by now. */
  get before(): FileState {
    return this.asked.before
  }

  /**
   * Resolves when the piece has been handed to the system; with false when the server takes no
   * more.
   */
  write(piece: Uint8Array): Promise<boolean> {
    return this.outgoing.write(piece)
  }

  /** Resolves when the server has begun to store: with false when it will not. */
  begun(): Promise<boolean> {
    return this.outgoing.begun()
  }

  /** Ends the data connection. `allSent`: these were all bytes that were to go. */
  async end(allSent: boolean): Promise<SegmentOutcome> {
    const { outgoing, options } = this
    const { verb } = options
    let replies: readonly Reply[]
    try {
      replies = await finalReplies(outgoing)
    } catch (error) {
      const { accepted, bytes } = outgoing
      const { before } = this
      return { end: 'lost', before, error: error as Error, accepted, told: false, bytes, allSent }
    }
    const [stored, ...behind] = replies
    const { before } = this
    if (!isPositive(stored!) || !allSent) {
      const { accepted, ahead, bytes } = outgoing
      return ended(stored!, { verb, accepted, sent: true, ahead }, { before, bytes, allSent })
    }
    const told = behind.length > 0 ? behind : await this.#ask()
    const now = stateIn(told)
    // A dead one makes an empty file; and a server that tells no size shows none of it.
    const deadAhead = outgoing.ahead && sizeIn(now) !== outgoing.bytes
    return { end: 'stored', before, now, asked: told.length > 0, ahead: outgoing.ahead, deadAhead }
  }

  /** Breaks the transfer off. Resolves when the session can be used again. */
  stop(): Promise<void> {
    return this.outgoing.stop()
  }

  /**
   * Asks what stands there now over the same session. Resolves with no replies where that is not
   * wanted, or lost.
   */
  async #ask(): Promise<Reply[]> {
    const { session, options, outgoing, before } = this
    const { file, sized } = options
    if (!sized && !outgoing.ahead) return []
    // The time counts only where a file of this size may have been there before.
    const time = before === 'missing' || before === 'refused' ? [] : [command('MDTM', file)]
    try {
      return await session.flight([command('SIZE', file), ...time])
    } catch (error) {
      // It is stored: another session will tell how much.
      if (!(error instanceof ConnectionLostError)) throw error
      return []
    }
  }
}

/**
 * The end of a segment by a reply that is no success, or that comes before the end of the bytes.
 */
function ended(
  reply: Reply,
  segment: Pick<Refused, 'verb' | 'accepted' | 'sent' | 'ahead'>,
  told: Pick<Lost, 'before' | 'bytes' | 'allSent'>,
): Refused | Lost {
  const { accepted } = segment
  if (isPositive(reply)) return { end: 'lost', ...told, accepted, told: true, error: endedBy(reply) }
  return { end: 'refused', ...told, ...segment, reply }
}

/** Of an attempt that was lost before the first byte. */
export const nothingSent = { accepted: false, told: false, bytes: 0, allSent: false } as const

/** The server ended the transfer, and another attempt may come to its end. */
export function endedBy(reply: Reply): ConnectionLostError {
  const cause = new FtpReplyError(reply)
  const code = reply.code === 425 ? 'ERR_FTP_DATA_CONNECTION' : undefined
  return new ConnectionLostError(`The server ended the upload: ${cause.message}`, { cause }, code)
}

/** The 226 may have come though the session was lost before the reply to SIZE. */
async function finalReplies(outgoing: Outgoing): Promise<readonly Reply[]> {
  try {
    return await outgoing.end()
  } catch (error) {
    const answered = error instanceof ConnectionLostError ? error.answered : []
    // The replies to SIZE and EPSV may come first, where the write was cut on its way: ProFTPD
    // 1.3.8, Pure-FTPd 1.0.50.
    if (answered.length > 0 && ![213, 229, 450, 500].includes(answered[0]!.code)) return answered
    throw error
  }
}
