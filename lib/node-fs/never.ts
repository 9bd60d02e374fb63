import { systemError } from '../fs/errors.js'
import { named } from './callback-function.js'

/** A function that always throws ENOTSUP: FTP can never do what it is for. `why`: added to the message. */
export function never(name: string, why: string): (...given: unknown[]) => never {
  const syscall = name.replace(/Sync$/, '').toLowerCase()
  return named((...given: unknown[]): never => {
    const [path] = given
    throw systemError({
      code: 'ENOTSUP',
      syscall,
      path: typeof path === 'string' ? path : undefined,
      detail: why,
    })
  }, name)
}
