/** How often, and after how long, what failed for a reason that may pass is tried again. */
export interface RetryOptions {
  /** How many attempts follow the first one. */
  retries: number
  /** Milliseconds before the first retry, doubled before each further one. */
  retryDelay: number
}

// Pools that lost the same server do not come back in step.
const jitter = 1 / 4

/** Milliseconds before the retry of this number, the first being 1. `random`: from 0 to 1. */
export function delayBefore(retry: number, { retryDelay }: RetryOptions, random = Math.random()): number {
  const delay = retryDelay * 2 ** (retry - 1) * (1 - jitter * random)
  return Math.min(Math.round(delay), 2 ** 31 - 1)
}

/**
 * As `delayBefore`, where a session was lost: it is replaced at once the first time, since most
 * were lost while idle, and the pauses begin behind that.
 */
export function delayAfterLoss(retry: number, options: RetryOptions, random?: number): number {
  return retry === 1 ? 0 : delayBefore(retry - 1, options, random)
}

/** Says in an error how often it was tried, unless it says so already. */
export function withAttempts<E extends Error>(error: E, attempts: number): E {
  if (attempts < 2 || 'attempts' in error) return error
  // Of a refusal the message is Node's, which programs compare.
  if ('code' in error && error.name !== 'RefusedError') error.message += ` (tried ${attempts} times)`
  return Object.assign(error, { attempts })
}
