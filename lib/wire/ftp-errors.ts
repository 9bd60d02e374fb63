import type { X509Certificate } from 'node:crypto'
import { decodeName } from './names/names.js'
import type { Reply } from './reply/replies.js'
import { replyText } from './reply/replies.js'

/** A failure of the connection or the protocol. A refused command is a reply, not an error. */
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

/** A reply that refuses a command: the `cause` of the error that the user sees. */
export class FtpReplyError extends Error {
  override readonly name = 'FtpReplyError'
  /** The reply code, for example 550. */
  readonly code: number

  /** The message masks user name, password and account. */
  constructor(reply: Reply) {
    super(`${reply.code} ${reply.shown ?? decodeName(replyText(reply))}`)
    this.code = reply.code
  }
}

/** The control connection ended, timed out or delivered an unexpected reply. */
export class ConnectionLostError extends FtpError {
  override readonly name = 'ConnectionLostError'
  // Private, so that printing the error does not show unmasked replies.
  #answered: readonly Reply[] = []
  /**
   * How many commands of the lost flight the server may have carried out: those with a reply, and
   * those whose replies were lost.
   */
  attempted = 0

  constructor(message: string, options?: ErrorOptions, code = 'ERR_FTP_CONNECTION_LOST') {
    super(code, message, options)
  }

  /** The final replies to the lost flight that had come, in the order of its commands. */
  get answered(): readonly Reply[] {
    return this.#answered
  }

  set answered(replies: readonly Reply[]) {
    this.#answered = replies
  }
}

/**
 * A reply came that belongs to no command, or to another one. Earlier replies may be shifted too,
 * so `answered` is empty.
 */
export class OutOfStepError extends ConnectionLostError {
  override get answered(): readonly Reply[] {
    return []
  }

  override set answered(_: readonly Reply[]) {}

  constructor(what: string, cause: FtpReplyError) {
    super(`${what}: ${cause.message}`, { cause })
  }
}

/** The server refused the login or a step before it. */
export class LoginError extends FtpError {
  override readonly name = 'LoginError'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FTP_LOGIN', message, options)
  }
}

/**
 * The server accepts no further session now (421, or ProFTPD's 530 "maximum number of clients").
 */
export class TooManyConnectionsError extends FtpError {
  override readonly name = 'TooManyConnectionsError'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FTP_NO_CONNECTION', message, options)
  }
}

/** The server's certificate is not trusted, or not the expected one. */
export class CertificateError extends FtpError {
  override readonly name = 'CertificateError'
  /** SHA-1 of the certificate, for `acceptSpecifiedSslHash`. */
  readonly fingerprint: string | undefined
  /** SHA-256 of the certificate, for `acceptSpecifiedSslHash`. */
  readonly fingerprint256: string | undefined

  constructor(host: string, flaw: string, shown?: Pick<X509Certificate, 'fingerprint' | 'fingerprint256'>) {
    const hashes = shown
      ? ` Its hashes are SHA-256 ${shown.fingerprint256} and SHA-1 ${shown.fingerprint}: if you know it to be the server's, ` +
        'give one of them as `acceptSpecifiedSslHash` (in a URL: accept-specified-ssl-hash).'
      : ''
    super('ERR_FTP_CERTIFICATE', `The certificate of ${host} is not accepted: ${flaw}.${hashes}`)
    this.fingerprint = shown?.fingerprint
    this.fingerprint256 = shown?.fingerprint256
  }
}

/** The error of a data connection that the server did not open, or that failed. */
export const noDataConnection = (message: string, options?: ErrorOptions): FtpError =>
  new FtpError('ERR_FTP_DATA_CONNECTION', message, options)

/**
 * As `noDataConnection`, if a retry may succeed: after a 4yz reply, or after silence on a server
 * that has opened a data connection before.
 */
export const dataConnectionLost = (message: string, options?: ErrorOptions): ConnectionLostError =>
  new ConnectionLostError(message, options, 'ERR_FTP_DATA_CONNECTION')

/** The error of a reply that refuses a data connection. */
export function dataConnectionRefused(what: string, reply: Reply): FtpError {
  const cause = new FtpReplyError(reply)
  const error = reply.code >= 400 && reply.code < 500 ? dataConnectionLost : noDataConnection
  return error(`${what}: ${cause.message}`, { cause })
}

/**
 * The socket's error that prevented the connection; for a host with several addresses, the error of
 * the first address.
 */
export function beforeConnection(lost: ConnectionLostError): Error {
  const error: unknown = lost.cause instanceof AggregateError ? lost.cause.errors[0] : lost.cause
  return error instanceof Error ? error : lost
}
