import type { Command } from '../wire/commands.js'
import type { Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import type { Call } from './call.js'

/** A question that one flight answers: commands whose replies mean something together. */
export interface Ask<T> {
  commands: (server: ServerProfile) => Command[]
  /**
   * What the replies mean. `again`: the commands were written before and the replies to them were lost, so
   * that what they were to do may be done already.
   */
  answer: (replies: Reply[], server: ServerProfile, again: boolean) => T
}

/** An Ask that waits for its flight. */
export interface WaitingAsk<T = unknown> extends Ask<T> {
  call: Call
  attempts: number
  again: boolean
  settled: boolean
  resolve: (value: T) => void
  reject: (reason: Error) => void
}
