import type { Call } from '../pool/call.js'
import { FtpError } from '../wire/ftp-errors.js'
import type { Beat } from './polling.js'
import type { Place } from './path-order.js'
import type { Change, Watched } from './watched-tree.js'

/**
 * The changes of a file or folder, as they are seen at every beat. While they are being taken
 * nobody looks: what happens meanwhile is told as one change. `place`: in the order of calls; what
 * comes behind it is seen.
 */
export async function* watch(
  call: Call,
  watched: Watched,
  beat: Beat,
  place: Place,
): AsyncGenerator<Change, undefined> {
  await place.run(call, () => watched.look(call))
  beat.start()
  try {
    for (;;) {
      await call.settle<void>(resolve => void (beat.onBeat = resolve))
      beat.onBeat = () => {}
      yield* await look(call, watched)
    }
  } finally {
    beat.stop()
  }
}

async function look(call: Call, watched: Watched): Promise<Change[]> {
  try {
    return await call.part(part => watched.look(part))
  } catch (error) {
    // All sessions are in use: the next beat will do.
    if (error instanceof FtpError && error.code === 'ERR_FTP_QUEUE_TIMEOUT') return []
    throw error
  }
}
