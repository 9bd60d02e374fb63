import { booleanArgument, integerArgument, objectArgument } from '../node/arguments.js'
import type { Call } from '../pool/call.js'
import { RefusedError } from '../remote/refused.js'

/**
 * Options of `rm` and `rmdir`.
 *
 * Source: Node, fsPromises.rm.
 */
export interface RemovalOptions {
  /** Removes a folder with its content. Default false. */
  recursive?: boolean
  /**
   * The number of further attempts after EBUSY, EMFILE, ENFILE, ENOTEMPTY or EPERM; only with
   * `recursive`. Default 0.
   */
  maxRetries?: number
  /**
   * The wait before the first retry, in milliseconds; each further wait is longer by the same time.
   * Default 100.
   */
  retryDelay?: number
}

const retried = ['EBUSY', 'EMFILE', 'ENFILE', 'ENOTEMPTY', 'EPERM']

/** Checks the options and fills in the defaults. Throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. */
export function removalOptions<T extends RemovalOptions>(
  options: T | undefined,
): T & Required<RemovalOptions> {
  if (options !== undefined) objectArgument(options, 'options')
  const all = { recursive: false, retryDelay: 100, maxRetries: 0, ...(options as T) }
  booleanArgument(all.recursive, 'options.recursive')
  integerArgument(all.retryDelay, 'options.retryDelay', 0, 2 ** 31 - 1)
  integerArgument(all.maxRetries, 'options.maxRetries', 0, 2 ** 32 - 1)
  return all
}

/** Repeats the work after a failure that may pass. */
export async function withRetries(
  call: Call,
  { recursive, maxRetries, retryDelay }: Required<RemovalOptions>,
  work: () => Promise<void>,
): Promise<void> {
  for (let retries = 1; ; retries++) {
    try {
      return await work()
    } catch (error) {
      const mayPass = error instanceof RefusedError && retried.includes(error.code)
      if (!recursive || !mayPass || retries > maxRetries) throw error
    }
    await call.sleep(retries * retryDelay)
  }
}
