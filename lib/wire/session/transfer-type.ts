import { command, type Command } from './command.js'
import { isPositive, type Reply } from '../reply/replies.js'

/**
 * The representation type of a session (RFC 959, section 3.1.1): the login sets the type of files,
 * and a listing may change it.
 */
export class TransferType {
  /** Whether the type of files is set: false after another TYPE, until it is set again. */
  settled = true
  /** The command that sets it. */
  readonly command: Command

  /** @param ascii files use TYPE A rather than TYPE I */
  constructor(ascii: boolean) {
    this.command = command(ascii ? 'TYPE A' : 'TYPE I')
  }

  /** Follows the final reply to a command. */
  follow({ verb }: Command, reply: Reply): void {
    if (verb === this.command.verb) this.settled ||= isPositive(reply)
    else if (verb.startsWith('TYPE ')) this.settled = false
  }
}
