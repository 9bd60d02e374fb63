import { RefusedError } from '../remote/refused.js'
import { systemError } from '../node/node-errors.js'

/**
 * An error of the remote tree in Node's words; errors that are not about a file stay what they are.
 * Where something incomplete was left, `incomplete` is its path on the server; `attempts` is how
 * often it was tried.
 */
export function failure(error: unknown, syscall: string, path?: string, dest?: string): Error {
  if (!(error instanceof RefusedError)) return error as Error
  const { code, cause, detail, incomplete, attempts } = error as RefusedError & Told
  const details = [detail, attempts === undefined ? undefined : `tried ${attempts} times`]
  const told = details.filter(each => each !== undefined).join('; ')
  const failed = systemError({ code, syscall, path, dest, cause, detail: told === '' ? undefined : told })
  return Object.assign(
    failed,
    incomplete !== undefined && { incomplete },
    attempts !== undefined && { attempts },
  )
}

/**
 * As `failure`, of a file that is opened to be read. A folder opens: it is `read` that fails, and
 * Node names no path then.
 */
export function readFailure(error: unknown, path: string): Error {
  const isFolder = error instanceof RefusedError && error.code === 'EISDIR'
  return isFolder ? failure(error, 'read') : failure(error, 'open', path)
}

/** What may be added to an error on its way. */
interface Told {
  incomplete?: string
  attempts?: number
}
