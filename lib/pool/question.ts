import type { Command } from '../wire/session/command.js'
import type { ConnectionLostError } from '../wire/ftp-errors.js'
import type { Reply } from '../wire/reply/replies.js'
import type { FlightKind } from './flight-kind.js'
import type { ServerProfile } from '../wire/server/server-profile.js'

/** A question that one flight answers: commands whose replies have a meaning together. */
export interface Question<T> {
  /**
   * Questions with the same key are equal, and change nothing: while one waits to be written, the
   * others join it. A question without a key, such as any that changes something, is asked
   * separately, and later questions join none before it.
   */
  key?: string
  /** The kind of questions that it shares flights with. Default: those with short replies. */
  flight?: FlightKind
  /** Its value without asking, if no other question of its kind waits. */
  alone?: () => T
  commands: (server: ServerProfile) => Command[]
  /**
   * Interprets the replies. `again`: the commands were written before and a reply to them was lost,
   * so that they may have taken effect already. `sent`: the commands; the known abilities of the
   * server may have changed since.
   */
  answer: (replies: Reply[], server: ServerProfile, again: boolean, sent: readonly Command[]) => T
  /**
   * Its value if all commands were written, and only these replies came. `counts`: see Loss.
   * Without this function, the commands are written again. In a flight with a fence no reply is
   * proved, so that `replies` is empty.
   */
  lost?: (replies: Reply[], reason: ConnectionLostError, counts: boolean) => T
}

/** The receiver of an answer. */
export interface Asker<T = unknown> {
  /** Called when the question goes into a flight. */
  begun: () => void
  resolve: (value: T) => void
  reject: (reason: Error) => void
  /** Called when a login that the question waits for fails. Rejects after the last attempt. */
  loginFailed: (reason: Error) => void
  /** Called instead when the session is lost before the answer. */
  lost: (loss: Loss) => void
}

/** An answer that was lost with its session. */
export interface Loss {
  reason: ConnectionLostError
  /** The question was written, so that it may have taken effect. */
  attempted: boolean
  /** The replies that came, if all commands were written. */
  replies: Reply[] | undefined
  /**
   * The loss counts as an attempt. In a flight with some answers, it counts only for the question
   * at which the session was lost.
   */
  counts: boolean
}

/** A question that waits for its flight, and all its askers. */
export interface PendingQuestion {
  readonly ask: Question<unknown>
  readonly askers: Set<Asker>
  /** The question was written before, and its answer was lost. */
  again: boolean
}
