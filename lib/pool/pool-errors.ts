import { FtpError } from '../wire/ftp-errors.js'

/** What was being done, as system errors have it. */
export interface Where {
  syscall: string
  path: string
}

/**
 * The FtpVfs was closed, or is closing, so that no new work is taken. `where`: what it has ended.
 */
export function closedError(where?: Where): FtpError {
  const text = 'The FtpVfs is closed'
  if (!where) return new FtpError('ERR_FTP_CLOSED', text)
  const { syscall, path } = where
  return Object.assign(new FtpError('ERR_FTP_CLOSED', `${text}, ${syscall} '${path}'`), { syscall, path })
}

/**
 * What `close` rejects with: what was lost, without anything of the user's that could be told of
 * it.
 */
export function lostError(lost: readonly Error[]): Error {
  const [first, ...others] = lost
  if (others.length === 0) return first!
  const message = `${first!.message}, and ${others.length} more`
  return Object.assign(new AggregateError(lost, message), { code: (first as NodeJS.ErrnoException).code })
}

/** No session came free within `queueTimeout`. */
export const queueTimeoutError = (milliseconds: number): FtpError =>
  new FtpError('ERR_FTP_QUEUE_TIMEOUT', `No connection came free within ${milliseconds} ms (queueTimeout)`)
