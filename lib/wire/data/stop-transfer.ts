import { setTimeout as sleep } from 'node:timers/promises'
import type { DataConnection } from './data-connection.js'
import type { Flight } from '../session/flight.js'
import type { Session } from '../session/session.js'

// Milliseconds before a NOOP goes to a server that may not reply to a stopped transfer.
const silence = 250

/**
 * Stops a running transfer: resets its data connection once the server has accepted it (`taken`).
 * Resolves when the final reply has come and the session is usable again; closes the session if
 * that reply does not come.
 */
export async function stopTransfer(
  session: Session,
  flight: Flight,
  data: DataConnection,
  taken?: Promise<unknown>,
): Promise<void> {
  // The number of replies is unpredictable on such a server.
  if (session.server.outOfStep) {
    data.reset()
    session.close()
    return
  }
  flight.expire(data.replyPatience)
  const over = flight.done.catch(() => {})
  // Pure-FTPd 1.0.50 and pyftpdlib 1.5.7 never reply if the connection is reset before they accept
  // it.
  await Promise.race([Promise.all([flight.begun, taken]), over])
  data.reset()
  // Only one NOOP: a second one would bring one reply too many.
  if (!flight.complete && !flight.stopped && !session.closed) {
    const { answersStoppedTransferOnce, mayIgnoreStoppedTransfer = false } = session.server.quirks
    const fenced = !answersStoppedTransferOnce
    flight.stop(fenced)
    if (fenced) session.fence()
    // If EPSV follows the transfer, its reply comes in any case.
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
