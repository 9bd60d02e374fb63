import { FtpError } from '../wire/ftp-errors.js'

/** The operation, as in Node's system errors. */
export interface Where {
  syscall: string
  path: string
}

/**
 * The FtpVfs is closed or closing, and takes no new work. `where`: the operation that this ended.
 */
export function closedError(where?: Where): FtpError {
  const text = 'The FtpVfs is closed'
  if (!where) return new FtpError('ERR_FTP_CLOSED', text)
  const { syscall, path } = where
  return Object.assign(new FtpError('ERR_FTP_CLOSED', `${text}, ${syscall} '${path}'`), { syscall, path })
}

/** The error that `close` rejects with: losses that no call or stream of the user can report. */
export function lostError(lost: readonly Error[]): Error {
  const [first, ...others] = lost
  if (others.length === 0) return first!
  const message = `${first!.message}, and ${others.length} more`
  return Object.assign(new AggregateError(lost, message), { code: (first as NodeJS.ErrnoException).code })
}

/** No session came free within `queueTimeout`. */
export const queueTimeoutError = (milliseconds: number): FtpError =>
  new FtpError('ERR_FTP_QUEUE_TIMEOUT', `No connection came free within ${milliseconds} ms (queueTimeout)`)
