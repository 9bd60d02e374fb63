import type { Command } from '../wire/commands.js'
import type { Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'

/** A question that one flight answers: commands whose replies mean something together. */
export interface Ask<T> {
  commands: (server: ServerProfile) => Command[]
  /**
   * What the replies mean. `again`: the commands were written before and a reply to them was lost, so that
   * what they were to do may be done already.
   */
  answer: (replies: Reply[], server: ServerProfile, again: boolean) => T
}

/** An Ask that waits for its flight. */
export interface WaitingAsk<T = unknown> extends Ask<T> {
  attempts: number
  again: boolean
  /** Called when it goes into a flight. */
  begun: () => void
  resolve: (value: T) => void
  reject: (reason: Error) => void
}
