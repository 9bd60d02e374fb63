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

/** What may be added to an error on its way. */
interface Told {
  incomplete?: string
  attempts?: number
}
