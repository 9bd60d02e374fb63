import { ConnectionLostError } from '../../wire/ftp-errors.js'

/**
 * The error, with the property `incomplete` if a file is left that may not be whole: its path on
 * the server.
 */
export function withIncomplete(error: unknown, path: string | undefined): Error {
  const failed = error as Error
  if (path === undefined || 'incomplete' in failed) return failed
  return Object.assign(own(failed), { incomplete: path })
}

/** A copy of the error, because all calls of a lost session share one error object. */
function own(error: Error): Error {
  if (!(error instanceof ConnectionLostError)) return error
  return new ConnectionLostError(error.message, { cause: error.cause ?? error }, error.code)
}
