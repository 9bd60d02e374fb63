import { ConnectionLostError, FtpReplyError } from '../wire/ftp-errors.js'
import type { Reply } from '../wire/reply/replies.js'

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

/**
 * Whether a refusal may pass (RFC 959, section 4.2.1: 4yz), when nothing that was found in the way
 * explains it.
 */
export function mayPass(reply: Pick<Reply, 'code'>, { code }: RefusedError): boolean {
  return reply.code >= 400 && reply.code < 500 && (code === 'EBUSY' || code === 'EIO')
}

/** Whether another attempt may do better: behind a lost connection, or as `mayPass`. */
export function isPassing(error: unknown): error is Error {
  if (error instanceof ConnectionLostError) return true
  const isRefusal = error instanceof RefusedError && error.cause instanceof FtpReplyError
  return isRefusal && mayPass(error.cause as FtpReplyError, error)
}
