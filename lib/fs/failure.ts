import { RefusedError } from '../remote/refused.js'
import { systemError } from './errors.js'

/** An error of the remote tree in Node's words; errors that are not about a file stay what they are. */
export function failure(error: unknown, syscall: string, path?: string, dest?: string): Error {
  if (!(error instanceof RefusedError)) return error as Error
  return systemError({ code: error.code, syscall, path, dest, cause: error.cause, detail: error.detail })
}
