import type { ByteString } from '../wire/names/names.js'
import { PollTimers } from './poll-timer.js'
import type { StatWatcher } from './stat-watcher.js'

/** The state that the watchers of one FtpVfs share. */
export class Watchers {
  readonly timers = new PollTimers()
  /** The watchers of `watchFile`, one per path. */
  readonly files = new Map<ByteString, StatWatcher>()
}
