import t from 'tap'
import { loginFailure } from '../../lib/pool/login-failure.js'
import {
  CertificateError,
  ConnectionLostError,
  FtpError,
  LoginError,
  TooManyConnectionsError,
} from '../../lib/wire/ftp-errors.js'

const socketError = (code: string) => Object.assign(new Error(code), { code })

/** As OpenSSL says it. */
const alert = Object.assign(socketError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), { reason: 'alert' })

const table: [error: Error, failure: string][] = [
  [new TooManyConnectionsError('421'), 'full'],
  [new LoginError('530'), 'final'],
  [new CertificateError('host', 'self-signed'), 'final'],
  [new FtpError('ERR_FTP_TLS', 'refused'), 'final'],
  [new ConnectionLostError('alert', { cause: alert }, 'ERR_FTP_TLS'), 'final'],
  [new ConnectionLostError('handshake', { cause: socketError('ECONNRESET') }, 'ERR_FTP_TLS'), 'passing'],
  [new FtpError('ERR_FTP_CLOSED', 'closed'), 'final'],
  [socketError('ENOTFOUND'), 'final'],
  [socketError('EACCES'), 'final'],
  [new Error('anything'), 'final'],
  [new ConnectionLostError('FIN'), 'passing'],
  [new ConnectionLostError('silent', {}, 'ETIMEDOUT'), 'passing'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'EMFILE'].map(
    (code): [Error, string] => [socketError(code), 'passing'],
  ),
]

await t.test('what the error of a login says of the next one', async t => {
  for (const [error, failure] of table) {
    t.equal(loginFailure(error), failure, `${error.name} ${(error as NodeJS.ErrnoException).code ?? ''}`)
  }
})
