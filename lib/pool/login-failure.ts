import { ConnectionLostError, TooManyConnectionsError } from '../wire/errors.js'

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
  const { code = '' } = error as NodeJS.ErrnoException
  const lost = error instanceof ConnectionLostError && code !== 'ERR_FTP_TLS'
  return lost || passing.has(code) ? 'passing' : 'final'
}
