import { ConnectionLostError, TooManyConnectionsError } from '../wire/ftp-errors.js'
import { tlsReason } from '../wire/tls/security.js'

/**
 * `final`: another login would fail in the same way. `full`: the server has no room for now.
 * `passing`: the way to the server, or the server, is gone for now.
 */
export type LoginFailure = 'final' | 'full' | 'passing'

const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EMFILE',
  'ENFILE',
])

/** What the error of a login says of the next one. */
export function loginFailure(error: Error): LoginFailure {
  if (error instanceof TooManyConnectionsError) return 'full'
  // The other side has refused TLS in its own words, which it may say only behind the handshake.
  if (error.cause instanceof Error && tlsReason(error.cause) !== undefined) return 'final'
  const { code = '' } = error as NodeJS.ErrnoException
  return error instanceof ConnectionLostError || passing.has(code) ? 'passing' : 'final'
}
