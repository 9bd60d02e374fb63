/** How often temporary failures are retried, and after which pauses. */
export interface RetryOptions {
  /** The maximum of attempts after the first one. */
  retries: number
  /** Milliseconds before the first retry, doubled before each further one. */
  retryDelay: number
}

// Keeps pools that lost the same server from returning simultaneously.
const jitter = 1 / 4

/** Milliseconds before a retry; the first one has number 1. `random`: from 0 to 1. */
export function delayBefore(retry: number, { retryDelay }: RetryOptions, random = Math.random()): number {
  const delay = retryDelay * 2 ** (retry - 1) * (1 - jitter * random)
  return Math.min(Math.round(delay), 2 ** 31 - 1)
}

/**
 * Like `delayBefore`, after a lost session. The first retry is immediate, because most lost
 * sessions were idle; the pauses begin with the second one.
 */
export function delayAfterLoss(retry: number, options: RetryOptions, random?: number): number {
  return retry === 1 ? 0 : delayBefore(retry - 1, options, random)
}

/** Adds the number of attempts to an error, unless it has one already. */
export function withAttempts<E extends Error>(error: E, attempts: number): E {
  if (attempts < 2 || 'attempts' in error) return error
  // The message of a refusal is Node's, which programs compare.
  if ('code' in error && error.name !== 'RefusedError') error.message += ` (tried ${attempts} times)`
  return Object.assign(error, { attempts })
}
