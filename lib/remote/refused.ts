import { ConnectionLostError, FtpReplyError } from '../wire/ftp-errors.js'
import type { Reply } from '../wire/reply/replies.js'

/** An operation that cannot be done, with the code of a system error as the reason. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'

  /** `code`: ENOENT, EISDIR …; `detail`: what the code alone does not express. */
  constructor(
    readonly code: string,
    reply?: Reply,
    readonly detail?: string,
  ) {
    super(detail ?? code, reply ? { cause: new FtpReplyError(reply) } : undefined)
  }
}

/**
 * Whether a refusal may be transient (RFC 959, section 4.2.1: 4yz): no obstacle that was found
 * explains it.
 */
export function mayPass(reply: Pick<Reply, 'code'>, { code }: RefusedError): boolean {
  return reply.code >= 400 && reply.code < 500 && (code === 'EBUSY' || code === 'EIO')
}

/** Whether another attempt may succeed: after a lost connection, or a refusal that may pass. */
export function isPassing(error: unknown): error is Error {
  if (error instanceof ConnectionLostError) return true
  const isRefusal = error instanceof RefusedError && error.cause instanceof FtpReplyError
  return isRefusal && mayPass(error.cause as FtpReplyError, error)
}
