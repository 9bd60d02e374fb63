import { FtpReplyError } from '../wire/errors.js'
import type { Reply } from '../wire/replies.js'

/** An operation that cannot be done, with the reason as a system error's code. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'

  /** `code`: ENOENT, EISDIR …; `detail`: what the code alone does not say. */
  constructor(
    readonly code: string,
    reply?: Reply,
    readonly detail?: string,
  ) {
    super(detail ?? code, reply ? { cause: new FtpReplyError(reply) } : undefined)
  }
}
