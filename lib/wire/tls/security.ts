import net from 'node:net'
import tls from 'node:tls'
import { judgeCertificate } from './certificate.js'
import { ConnectionLostError, FtpError } from '../ftp-errors.js'
import type { SecurityOptions } from '../session/session-options.js'
import type { TlsRecords } from './tls-records.js'

/**
 * TLS of one session: its control connection, and its data connections, which resume the same TLS
 * session if the server allows. vsftpd 3.0.3 and ProFTPD 1.3.8 refuse a new TLS session there.
 */
export class Security {
  /** The newest TLS session: tickets of TLS 1.3 are meant for one use. */
  #resumable: Buffer | undefined

  constructor(readonly options: SecurityOptions) {}

  /**
   * Starts TLS on a connection. Resolves when the certificate is accepted; rejects with ERR_FTP_TLS
   * or a CertificateError, and closes the connection.
   *
   * @param records the layer between the connection and its TLS, if any
   */
  secure(plain: net.Socket, records?: TlsRecords): Promise<tls.TLSSocket> {
    const { options } = this
    const { host } = options
    return new Promise((resolve, reject) => {
      const secured = tls.connect({
        socket: records ?? plain,
        host,
        servername: net.isIP(host) ? '' : host,
        secureContext: contextOf(options),
        session: this.#resumable,
        // judgeCertificate checks below, with the user's hashes.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      })
      secured.on('session', session => (this.#resumable = session))
      secured.on('error', (cause: Error) => {
        const reason = tlsReason(cause)
        reject(reason === undefined ? handshakeLost(host, cause) : handshakeError(host, reason, cause))
      })
      secured.once('close', () => reject(handshakeLost(host, new Error('the connection was closed'))))
      secured.once('secureConnect', () => {
        const flaw = judgeCertificate(secured, options)
        if (flaw) {
          reject(flaw)
          secured.destroy()
        } else {
          resolve(secured)
        }
      })
    })
  }
}

/** Whether the options allow versions that OpenSSL 3 refuses at its default security level. */
export function allowsOldTls({
  sslProtocols: { minVersion },
}: Pick<SecurityOptions, 'sslProtocols'>): boolean {
  return minVersion === 'TLSv1' || minVersion === 'TLSv1.1'
}

const contexts = new WeakMap<SecurityOptions, tls.SecureContext>()

/** The secure context, shared by all sessions: to create one takes milliseconds. */
function contextOf(options: SecurityOptions): tls.SecureContext {
  const made = contexts.get(options)
  if (made) return made
  const { ca, cert, key, sslProtocols } = options
  const ciphers = allowsOldTls(options) ? 'DEFAULT@SECLEVEL=0' : undefined
  const context = tls.createSecureContext({ ca, cert, key, ...sslProtocols, ciphers })
  contexts.set(options, context)
  return context
}

/** OpenSSL's reason, without its addresses and file names; undefined for other errors. */
export function tlsReason(error: Error): string | undefined {
  const { code, reason } = error as { code?: unknown; reason?: string }
  return typeof code === 'string' && code.startsWith('ERR_SSL_') ? reason : undefined
}

/** The error of a handshake whose connection broke: a retry may succeed. */
function handshakeLost(host: string, cause: Error): ConnectionLostError {
  const { message, code } = handshakeError(host, cause.message)
  return new ConnectionLostError(message, { cause }, code)
}

function handshakeError(host: string, why: string, cause?: Error): FtpError {
  return new FtpError('ERR_FTP_TLS', `The TLS handshake with ${host} failed: ${why}`, { cause })
}
