import type { Command } from '../wire/session/command.js'
import type { ConnectionLostError } from '../wire/ftp-errors.js'
import type { Reply } from '../wire/reply/replies.js'
import type { FlightKind } from './flight-kind.js'
import type { ServerProfile } from '../wire/server/server-profile.js'

/** A question that one flight answers: commands whose replies mean something together. */
export interface Question<T> {
  /**
   * Two that have the same key are the same question, and change nothing: while one waits to be
   * written, the other joins it. Without a key, and so with whatever changes something, it is asked
   * by itself, and whoever comes behind it joins none before it.
   */
  key?: string
  /** With which others it shares a flight; by default with those of short replies. */
  flight?: FlightKind
  /** What it comes to, unasked, where nothing else of its kind waits. */
  alone?: () => T
  commands: (server: ServerProfile) => Command[]
  /**
   * What the replies mean. `again`: the commands were written before and a reply to them was lost,
   * so that what they were to do may be done already. `sent`: the commands; what the server is
   * known to do may have changed since.
   */
  answer: (replies: Reply[], server: ServerProfile, again: boolean, sent: readonly Command[]) => T
  /**
   * What it comes to that all commands were written, and only these replies came. `counts`: see
   * Loss. Without it they are written again. In a flight with a fence no reply is proved, so that
   * there are none.
   */
  lost?: (replies: Reply[], reason: ConnectionLostError, counts: boolean) => T
}

/** One who asks. */
export interface Asker<T = unknown> {
  /** Called when the question goes into a flight. */
  begun: () => void
  resolve: (value: T) => void
  reject: (reason: Error) => void
  /**
   * Called when a login that it waits for has failed. Rejects it where that was its last attempt.
   */
  loginFailed: (reason: Error) => void
  /** Called instead, when the session was lost before the answer had come. */
  lost: (loss: Loss) => void
}

/** A question whose answer was lost with its session. */
export interface Loss {
  reason: ConnectionLostError
  /** It was written, so that what it was to do may be done. */
  attempted: boolean
  /** The replies that came, when all commands were written. */
  replies: Reply[] | undefined
  /**
   * It has had its chance. Of a flight that got somewhere that is only the question at which it was
   * lost.
   */
  counts: boolean
}

/** An Ask that waits for its flight, and all who have asked it. */
export interface PendingQuestion {
  readonly ask: Question<unknown>
  readonly askers: Set<Asker>
  /** It was written before, and its answer was lost. */
  again: boolean
}
