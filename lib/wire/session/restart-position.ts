import type { Command } from './command.js'
import { isPositive, isPreliminary, type Reply } from '../reply/replies.js'
import type { ServerProfile } from '../server/server-profile.js'

// Without listings: ftp-srv 4.6.3 sends a listing whole, and keeps the position.
const usedBy = new Set(['RETR', 'STOR', 'APPE', 'STOU'])

/**
 * The position at which the next transfer of a session begins: REST sets it, and a transfer uses it
 * up.
 *
 * ftp-srv 4.6.3 keeps it if the transfer is refused. The next file would then be read from that
 * position, or be written with zeros before it.
 */
export class RestartPosition {
  #at = 0

  constructor(readonly server: ServerProfile) {}

  /** Whether a refused transfer may have left a position behind. */
  get left(): boolean {
    return this.#at > 0 && !this.server.quirks.forgetsRefusedPosition
  }

  /** The position of the next transfer after these commands. */
  behind(commands: readonly Command[]): number {
    let at = this.#at
    for (const { verb } of commands) {
      const [name, argument] = verb.split(' ')
      if (name === 'REST') at = Number(argument)
      if (usedBy.has(name!)) at = 0
    }
    return at
  }

  /** Follows the reply to a command, even a 1xx. */
  follow({ verb }: Command, reply: Reply): void {
    const [name, argument] = verb.split(' ')
    const done = isPositive(reply)
    if (name === 'REST' && done) this.#at = Number(argument)
    // A transfer that has begun has used the position, however it ends.
    if (usedBy.has(name!) && (done || isPreliminary(reply))) this.#at = 0
  }
}
