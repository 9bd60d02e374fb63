import { command, type Command } from './command.js'
import { isPositive, type Reply } from '../reply/replies.js'

/**
 * The type of the transfers of a session (RFC 959, section 3.1.1): a login confirms the one that
 * files go in, and a listing may change it.
 */
export class TransferType {
  /** Files go in it. False from any reply to another one on, until it is confirmed. */
  settled = true
  /** What confirms it. */
  readonly command: Command

  /** `ascii`: files go in TYPE A, else in TYPE I. */
  constructor(ascii: boolean) {
    this.command = command(ascii ? 'TYPE A' : 'TYPE I')
  }

  /** Takes note of what an answered command did. */
  follow({ verb }: Command, reply: Reply): void {
    if (verb === this.command.verb) this.settled ||= isPositive(reply)
    else if (verb.startsWith('TYPE ')) this.settled = false
  }
}
