import { command, type Command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError, FtpReplyError } from '../../wire/ftp-errors.js'
import { Outgoing } from '../../wire/data/outgoing.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import type { RefusedError } from '../refused.js'
import { sizeIn, stateIn, type FileState } from './file-state.js'

/**
 * How a segment ended. `before` is the state of the file when the segment began, and `unknown` if
 * the server was not asked.
 */
export type SegmentOutcome = Stored | Refused | Lost

export interface Stored {
  readonly end: 'stored'
  readonly before: FileState
  /** The state reported right after the transfer. `unknown`: no usable report, or see `asked`. */
  readonly now: FileState
  /** SIZE was asked and answered. */
  readonly asked: boolean
  /** The data connection was opened ahead of the command. */
  readonly ahead: boolean
  /** It was opened ahead, and its bytes did not arrive, or their arrival could not be seen. */
  readonly deadAhead: boolean
}

export interface Refused {
  readonly end: 'refused'
  readonly before: FileState
  readonly reply: Reply
  readonly verb: 'STOR' | 'APPE'
  /** The server had begun to store (1yz). Without that, nothing has changed. */
  readonly accepted: boolean
  /** The server refused the command itself, and not one that precedes it. */
  readonly sent: boolean
  /** The data connection was opened ahead of the command. */
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
  /** The server has sent the final reply to the command itself. */
  readonly told: boolean
  /** How many bytes the system had accepted. */
  readonly bytes: number
  /** They were all the bytes of the segment. */
  readonly allSent: boolean
  /** Why the server refused the command, if the reason may pass. */
  readonly refusal?: RefusedError
}

export interface SegmentOptions {
  readonly file: ServerFile
  readonly verb: 'STOR' | 'APPE'
  /** The position in the file of the first byte, for STOR (sent as REST). */
  readonly position?: number | undefined
  /** Commands sent before the first byte, usually about the file itself. */
  readonly asks: readonly Command[]
  /** Judges the replies to `asks` before any byte is sent. An error it throws ends the attempt. */
  readonly judge?: ((replies: readonly Reply[]) => void) | undefined
  /** The state of the file, if it is known without a question. */
  readonly before: FileState
  /** Called before the command is sent: from then on the file may have changed. */
  readonly onCommand: () => void
  /** Allows a data connection that was opened ahead: the bytes can be sent again. */
  readonly ahead: boolean
  /** SIZE follows the transfer. */
  readonly sized: boolean
}

/** One STOR or APPE: the bytes of one data connection. It ends with a value, whatever happens. */
export class Segment {
  private constructor(
    readonly session: Session,
    readonly options: SegmentOptions,
    private readonly outgoing: Outgoing,
    private readonly asked: { before: FileState },
  ) {}

  /** Opens the data connection and sends the command. Throws only the errors of `judge`. */
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

  /** The state of the file before the segment, as far as the server has reported it by now. */
  get before(): FileState {
    return this.asked.before
  }

  /** Resolves when the system has accepted the piece: with false if the server takes no more. */
  write(piece: Uint8Array): Promise<boolean> {
    return this.outgoing.write(piece)
  }

  /** Resolves when the server has begun to store: with false if it refuses to. */
  begun(): Promise<boolean> {
    return this.outgoing.begun()
  }

  /** Ends the data connection. `allSent`: all bytes of the segment have been written. */
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
    const report = behind.length > 0 ? behind : await this.#ask()
    const now = stateIn(report)
    // A dead connection leaves an empty file, which a server that reports no size does not reveal.
    const deadAhead = outgoing.ahead && sizeIn(now) !== outgoing.bytes
    return { end: 'stored', before, now, asked: report.length > 0, ahead: outgoing.ahead, deadAhead }
  }

  /** Aborts the transfer. Resolves when the session can be used again. */
  stop(): Promise<void> {
    return this.outgoing.stop()
  }

  /**
   * Asks for the state of the file over the same session. Resolves with no replies if that is not
   * wanted, or if the connection is lost.
   */
  async #ask(): Promise<Reply[]> {
    const { session, options, outgoing, before } = this
    const { file, sized } = options
    if (!sized && !outgoing.ahead) return []
    // The time matters only if a file of this size may have existed before.
    const time = before === 'missing' || before === 'refused' ? [] : [command('MDTM', file)]
    try {
      return await session.flight([command('SIZE', file), ...time])
    } catch (error) {
      // The server has confirmed the transfer: another session can ask for the size.
      if (!(error instanceof ConnectionLostError)) throw error
      return []
    }
  }
}

/** The end of a segment by a reply that is not a success, or that precedes the end of the bytes. */
function ended(
  reply: Reply,
  segment: Pick<Refused, 'verb' | 'accepted' | 'sent' | 'ahead'>,
  told: Pick<Lost, 'before' | 'bytes' | 'allSent'>,
): Refused | Lost {
  const { accepted } = segment
  if (isPositive(reply)) return { end: 'lost', ...told, accepted, told: true, error: endedBy(reply) }
  return { end: 'refused', ...told, ...segment, reply }
}

/** The progress of an attempt that was lost before the first byte. */
export const nothingSent = { accepted: false, told: false, bytes: 0, allSent: false } as const

/** The error for a transfer that the server ended. Another attempt may succeed. */
export function endedBy(reply: Reply): ConnectionLostError {
  const cause = new FtpReplyError(reply)
  const code = reply.code === 425 ? 'ERR_FTP_DATA_CONNECTION' : undefined
  return new ConnectionLostError(`The server ended the upload: ${cause.message}`, { cause }, code)
}

/** The 226 may have arrived even if the session was lost before the reply to SIZE. */
async function finalReplies(outgoing: Outgoing): Promise<readonly Reply[]> {
  try {
    return await outgoing.end()
  } catch (error) {
    const answered = error instanceof ConnectionLostError ? error.answered : []
    // If the write was cut on its way, the replies to SIZE and EPSV may come first: ProFTPD 1.3.8,
    // Pure-FTPd 1.0.50.
    if (answered.length > 0 && ![213, 229, 450, 500].includes(answered[0]!.code)) return answered
    throw error
  }
}
