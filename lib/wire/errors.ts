import { decodeName } from './names.js'
import type { Reply } from './replies.js'
import { replyText } from './replies.js'

/** A failure of the connection or the protocol; refusals of single commands are replies, not errors. */
export class FtpError extends Error {
  override readonly name: string = 'FtpError'

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** A reply that refused a command, as the `cause` of the error that the user sees. */
export class FtpReplyError extends Error {
  override readonly name = 'FtpReplyError'
  /** The reply code, for example 550. */
  readonly code: number

  /** `text`: what is shown of the reply, where that is not all. */
  constructor(reply: Reply, text = decodeName(replyText(reply))) {
    super(`${reply.code} ${text}`)
    this.code = reply.code
  }
}

/** The control connection ended, timed out or said something that could not be accounted for. */
export class ConnectionLostError extends FtpError {
  override readonly name = 'ConnectionLostError'
  /** The final replies that had come for the flight that was lost, in the order of its commands. */
  answered: readonly Reply[] = []
  /** How many of its commands may have been carried out: those answered, and those whose replies were lost. */
  attempted = 0

  constructor(message: string, options?: ErrorOptions, code = 'ERR_FTP_CONNECTION_LOST') {
    super(code, message, options)
  }
}

/** The server refused the login, or a step before it. */
export class LoginError extends FtpError {
  override readonly name = 'LoginError'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FTP_LOGIN', message, options)
  }
}

/** The server has no room for another session now (421, or ProFTPD's 530 "maximum number of clients"). */
export class TooManyConnectionsError extends FtpError {
  override readonly name = 'TooManyConnectionsError'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FTP_NO_CONNECTION', message, options)
  }
}
