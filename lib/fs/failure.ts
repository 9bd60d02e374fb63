import { RefusedError } from '../remote/refused.js'
import { systemError } from './errors.js'

/**
 * An error of the remote tree in Node's words; errors that are not about a file stay what they are. Where
 * something incomplete was left, `incomplete` is its path on the server; `attempts` says how often it was tried.
 */
export function failure(error: unknown, syscall: string, path?: string, dest?: string): Error {
  const failed =
    error instanceof RefusedError
      ? systemError({ code: error.code, syscall, path, dest, cause: error.cause, detail: error.detail })
      : (error as Error)
  if (failed === error) return failed
  const { incomplete, attempts } = error as { incomplete?: unknown; attempts?: unknown }
  if (incomplete !== undefined) Object.assign(failed, { incomplete })
  return attempts === undefined ? failed : Object.assign(failed, { attempts })
}
