import type { Call } from '../pool/call.js'
import type { Pool } from '../pool/pool.js'

/** For each pool, the first login while it is under way. Resolves with its error. */
const loggingIn = new WeakMap<Pool, Promise<Error | undefined>>()

/** Waits for the first login, which reveals the kind of the server. */
export async function firstLogin(pool: Pool, call: Call): Promise<void> {
  while (pool.stats.opened === 0) {
    const others = loggingIn.get(pool)
    if (others) {
      const error = await call.whileWanted(others)
      if (error) throw error
      continue
    }
    const acquired = pool.acquire(call, 'metadata').then(lease => lease.release())
    const settled = acquired.then(
      () => undefined,
      // The cancellation of its own call says nothing about the server.
      (error: Error) => (call.cancelled ? undefined : error),
    )
    loggingIn.set(
      pool,
      settled.finally(() => loggingIn.delete(pool)),
    )
    await acquired
  }
}
