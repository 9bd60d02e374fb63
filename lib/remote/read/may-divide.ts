import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'
import { canRestart } from './prove-restart.js'

/** What the reader of a file knows of its being divided. */
export interface Divisible {
  /** That is being found out, or was. */
  asked?: boolean
}

/**
 * Whether other connections may begin in the middle of a file. Where that is not known yet, it is
 * found out with a session that is free, once; `then` is called where they may.
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
      // What is wrong with a session is said to the calls that wait for one.
      () => undefined,
    )
  }
  return certain
}
