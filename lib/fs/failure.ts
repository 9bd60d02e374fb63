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

/** Properties that may be added to an error on its way. */
interface Additions {
  incomplete?: string
  attempts?: number
}
