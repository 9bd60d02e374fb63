import { ConnectionLostError } from '../../wire/ftp-errors.js'

/**
 * The error with the path on the server of what is left and may not be whole, if anything: its
 * property `incomplete`.
 */
export function leaving(error: unknown, path: string | undefined): Error {
  const failed = error as Error
  if (path === undefined || 'incomplete' in failed) return failed
  return Object.assign(own(failed), { incomplete: path })
}

/** All that was under way on a session ends with one and the same error. */
function own(error: Error): Error {
  if (!(error instanceof ConnectionLostError)) return error
  return new ConnectionLostError(error.message, { cause: error.cause ?? error }, error.code)
}
