import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until a condition holds. Rejects with the source of the condition when it still does not
 * hold after `limit` milliseconds: more than a busy machine needs, less than the limit of a test.
 */
export async function until(holds: () => boolean, limit = 20_000): Promise<void> {
  const end = performance.now() + limit
  while (!holds()) {
    if (performance.now() > end)
      throw new Error(`Waited ${limit} ms in vain for ${String(holds).replace(/^\(\)\s*=>\s*/, '')}`)
    await sleep(2)
  }
}
