import { ConnectionLostError, TooManyConnectionsError } from '../wire/ftp-errors.js'
import { tlsReason } from '../wire/tls/security.js'

/**
 * `final`: another login would fail in the same way. `full`: the server has no room at present.
 * `passing`: the network or the server is down temporarily.
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

/** Classifies the error of a login by what the next login can expect. */
export function loginFailure(error: Error): LoginFailure {
  if (error instanceof TooManyConnectionsError) return 'full'
  // The server refused TLS explicitly, which it may do only after the handshake.
  if (error.cause instanceof Error && tlsReason(error.cause) !== undefined) return 'final'
  const { code = '' } = error as NodeJS.ErrnoException
  return error instanceof ConnectionLostError || passing.has(code) ? 'passing' : 'final'
}
