import type { Call } from '../pool/call.js'
import type { Pool } from '../pool/pool.js'

/** The first login of each pool that is under way; resolves with its error. */
const loggingIn = new WeakMap<Pool, Promise<Error | undefined>>()

/** What the server is, a login tells. */
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
      // That its own call does not want it any more says nothing of the server.
      (error: Error) => (call.cancelled ? undefined : error),
    )
    loggingIn.set(
      pool,
      settled.finally(() => loggingIn.delete(pool)),
    )
    await acquired
  }
}
