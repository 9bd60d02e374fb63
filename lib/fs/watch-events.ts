import type { Call } from '../pool/call.js'
import { FtpError } from '../wire/ftp-errors.js'
import type { PollTimer } from './poll-timer.js'
import type { Reservation } from './path-order.js'
import type { TreeChange, WatchedTree } from './watched-tree.js'

/**
 * Yields the changes of a file or folder, inspected at every tick of the timer. While the consumer
 * takes them no inspection happens: later changes are then reported as one. `reservation`: the
 * place in the order of calls. The watcher sees the changes of calls behind it.
 */
export async function* watchEvents(
  call: Call,
  watched: WatchedTree,
  pollTimer: PollTimer,
  reservation: Reservation,
): AsyncGenerator<TreeChange, undefined> {
  await reservation.inTurn(call, () => watched.inspect(call))
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
    return await call.part(part => watched.inspect(part))
  } catch (error) {
    // All sessions are in use: the next tick tries again.
    if (error instanceof FtpError && error.code === 'ERR_FTP_QUEUE_TIMEOUT') return []
    throw error
  }
}
