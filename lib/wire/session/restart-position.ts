import type { Command } from './command.js'
import { isPositive, isPreliminary, type Reply } from '../reply/replies.js'
import type { ServerProfile } from '../server/server-profile.js'

// Not those that list: ftp-srv 4.6.3 sends a listing whole, and keeps the position.
const usedBy = new Set(['RETR', 'STOR', 'APPE', 'STOU'])

/**
 * The position at which the next transfer of a session begins: REST sets it, and a transfer uses it
 * up.
 *
 * ftp-srv 4.6.3 keeps it when the transfer is refused. The next file would then be read from there
 * on, or get zeros in front.
 */
export class RestartPosition {
  #at = 0

  constructor(readonly server: ServerProfile) {}

  /** A position may have been left behind by a transfer that was refused. */
  get left(): boolean {
    return this.#at > 0 && !this.server.quirks.forgetsRefusedPosition
  }

  /** Where the next transfer begins, once these commands have been carried out. */
  behind(commands: readonly Command[]): number {
    let at = this.#at
    for (const { verb } of commands) {
      const [name, argument] = verb.split(' ')
      if (name === 'REST') at = Number(argument)
      if (usedBy.has(name!)) at = 0
    }
    return at
  }

  /** Takes note of what the reply to a command tells, a 1xx too. */
  follow({ verb }: Command, reply: Reply): void {
    const [name, argument] = verb.split(' ')
    const done = isPositive(reply)
    if (name === 'REST' && done) this.#at = Number(argument)
    // What has begun has used it, however it ends.
    if (usedBy.has(name!) && (done || isPreliminary(reply))) this.#at = 0
  }
}
