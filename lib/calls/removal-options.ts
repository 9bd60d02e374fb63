import { booleanArgument, integerArgument, objectArgument } from '../node/arguments.js'
import type { Call } from '../pool/call.js'
import { RefusedError } from '../remote/refused.js'

/** How `rm` and `rmdir` go about a folder with what is in it. Source: Node, fsPromises.rm. */
export interface RemovalOptions {
  /** Removes a folder with all that is in it. Default: false. */
  recursive?: boolean
  /** How often to try again after EBUSY, EMFILE, ENFILE, ENOTEMPTY or EPERM; only with `recursive`. Default: 0. */
  maxRetries?: number
  /** Milliseconds to wait before the first of these; each waits for so much longer than the one before. Default: 100. */
  retryDelay?: number
}

const retried = ['EBUSY', 'EMFILE', 'ENFILE', 'ENOTEMPTY', 'EPERM']

/** Checks options and fills in the defaults. Throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. */
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

/** Does it again after a failure that may pass. */
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
