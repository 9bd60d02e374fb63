import { FtpError } from '../wire/errors.js'

/** The FtpVfs was closed, or is closing, so that no new work is taken. */
export const closedError = (): FtpError => new FtpError('ERR_FTP_CLOSED', 'The FtpVfs is closed')

/** No session came free within `queueTimeout`. */
export const queueTimeoutError = (milliseconds: number): FtpError =>
  new FtpError('ERR_FTP_QUEUE_TIMEOUT', `No connection came free within ${milliseconds} ms (queueTimeout)`)
