import { setTimeout as sleep } from 'node:timers/promises'
import type { DataConnection } from './data-connection.js'
import type { Flight } from '../session/flight.js'
import type { Session } from '../session/session.js'

// After how long a server that may say nothing at all is asked for a sign of life.
const silence = 250

/**
 * Ends a running transfer by a reset of its data connection, once the server has `taken` that. Resolves when the final
 * reply has come, so that the session can be used again. Closes the session where that reply does not come.
 */
export async function stopTransfer(
  session: Session,
  flight: Flight,
  data: DataConnection,
  taken?: Promise<unknown>,
): Promise<void> {
  // How many replies there will be is anybody's guess.
  if (session.server.outOfStep) {
    data.reset()
    session.close()
    return
  }
  flight.expire(data.replyPatience)
  const over = flight.done.catch(() => {})
  // Pure-FTPd 1.0.50 and pyftpdlib 1.5.7 never answer when the connection was reset before they have accepted it.
  await Promise.race([Promise.all([flight.begun, taken]), over])
  data.reset()
  // Once: a second NOOP would have a reply too many.
  if (!flight.complete && !flight.stopped && !session.closed) {
    const { answersStoppedTransferOnce, mayIgnoreStoppedTransfer = false } = session.server.quirks
    const fenced = !answersStoppedTransferOnce
    flight.stop(fenced)
    if (fenced) session.fence()
    // The reply to EPSV, where it went behind, comes in any case.
    else if (mayIgnoreStoppedTransfer && flight.commands.at(-1)!.verb !== 'EPSV') {
      const answered = new AbortController()
      void over.then(() => answered.abort())
      await sleep(silence, undefined, answered).catch(() => {})
      if (!flight.complete && !session.closed) {
        flight.stopUnanswered()
        session.fence()
      }
    }
  }
  await over
}
