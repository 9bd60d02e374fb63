import type { Call } from '../pool/call.js'
import { FtpError } from '../wire/ftp-errors.js'
import type { PollTimer } from './poll-timer.js'
import type { Reservation } from './path-order.js'
import type { TreeChange, WatchedTree } from './watched-tree.js'

/**
 * The changes of a file or folder, as they are seen at every beat. While they are being taken
 * nobody looks: what happens meanwhile is told as one change. `reservation`: in the order of calls; what
 * comes behind it is seen.
 */
export async function* watchEvents(
  call: Call,
  watched: WatchedTree,
  pollTimer: PollTimer,
  reservation: Reservation,
): AsyncGenerator<TreeChange, undefined> {
  await reservation.inTurn(call, () => watched.look(call))
  pollTimer.start()
  try {
    for (;;) {
      await call.settle<void>(resolve => void (pollTimer.onTick = resolve))
      pollTimer.onTick = () => {}
      yield* await look(call, watched)
    }
  } finally {
    pollTimer.stop()
  }
}

async function look(call: Call, watched: WatchedTree): Promise<TreeChange[]> {
  try {
    return await call.part(part => watched.look(part))
  } catch (error) {
    // All sessions are in use: the next beat will do.
    if (error instanceof FtpError && error.code === 'ERR_FTP_QUEUE_TIMEOUT') return []
    throw error
  }
}
