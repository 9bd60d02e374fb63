import type { ByteString } from '../wire/names/names.js'
import { PollTimers } from './poll-timer.js'
import type { StatWatcher } from './stat-watcher.js'

/** What the watchers of one FtpVfs share. */
export class Watchers {
  readonly timers = new PollTimers()
  /** Those of `watchFile`, one for each path. */
  readonly files = new Map<ByteString, StatWatcher>()
}
