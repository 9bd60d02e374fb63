import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'
import { canRestart } from './prove-restart.js'

/** Whether a reader has already tested that its file can be divided. */
export interface Divisible {
  /** The test is under way, or done. */
  asked?: boolean
}

/**
 * Whether other connections may begin in the middle of a file. If that is not known yet, tests it
 * once, over a free session, and calls `then` if they may.
 */
export function mayDivide(
  { remote, call, path }: { remote: Remote; call: Call; path: ByteString },
  divisible: Divisible,
  then: () => void,
): boolean {
  const { untested, certain } = remote.pool.server.can.restartDownload
  if (untested && !divisible.asked) {
    divisible.asked = true
    void canRestart(remote, call, path, { ifFree: true }).then(
      can => {
        divisible.asked = can !== undefined
        if (can) then()
      },
      // An error with a session goes to the calls that wait for one.
      () => undefined,
    )
  }
  return certain
}
