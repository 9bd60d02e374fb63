import { RefusedError } from '../remote/refused.js'
import { systemError } from '../node/node-errors.js'

/**
 * Translates an error of the remote tree into Node's words. Errors that do not concern a file stay
 * unchanged. `incomplete` is the path on the server of an incomplete file that is left, `attempts`
 * the number of attempts.
 */
export function failure(error: unknown, syscall: string, path?: string, dest?: string): Error {
  if (!(error instanceof RefusedError)) return error as Error
  const { code, cause, detail, incomplete, attempts } = error as RefusedError & Additions
  const details = [detail, attempts === undefined ? undefined : `tried ${attempts} times`]
  const text = details.filter(part => part !== undefined).join('; ')
  const failed = systemError({ code, syscall, path, dest, cause, detail: text === '' ? undefined : text })
  return Object.assign(
    failed,
    incomplete !== undefined && { incomplete },
    attempts !== undefined && { attempts },
  )
}

/**
 * As `failure`, for a file that is opened to be read. A folder opens, and `read` fails: Node names
 * no path then.
 */
export function readFailure(error: unknown, path: string): Error {
  const isFolder = error instanceof RefusedError && error.code === 'EISDIR'
  return isFolder ? failure(error, 'read') : failure(error, 'open', path)
}

/** Properties that may be added to an error on its way. */
interface Additions {
  incomplete?: string
  attempts?: number
}
