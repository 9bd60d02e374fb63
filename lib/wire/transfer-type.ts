import type { Command } from './commands.js'
import { isPositive, type Reply } from './replies.js'

/** The type of the transfers of a session (RFC 959, section 3.1.1): a login confirms TYPE I. */
export class TransferType {
  /** Bytes come as they are. False from any reply to TYPE A on, until TYPE I is confirmed. */
  binary = true

  /** Takes note of what an answered command did. */
  follow({ verb }: Command, reply: Reply): void {
    if (verb === 'TYPE A') this.binary = false
    else if (verb === 'TYPE I' && isPositive(reply)) this.binary = true
  }
}
