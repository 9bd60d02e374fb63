/** How often an operation may lose its session: a server that hangs up three times in a row has a reason. */
const mostAttempts = 3

export function mayRetry(attempts: number): boolean {
  return attempts < mostAttempts
}

/** Milliseconds to wait before the next attempt: none before the first, then ever longer, within bounds. */
export function retryDelay(attempts: number): number {
  return attempts <= 1 ? 0 : Math.min(250 * 2 ** (attempts - 2), 5_000)
}
