import { pathArgument } from '../node/arguments.js'
import { invalidArgType } from '../node/node-errors.js'
import { StatWatcher } from '../fs/stat-watcher.js'
import type { BigIntStats, Stats } from '../fs/stats.js'
import type { PathLike } from '../fs/call-path.js'
import type { ByteString } from '../wire/names/names.js'
import type { CallRunner } from './call-runner.js'
import { intervalArgument } from './watch.js'

/** Options of `watchFile`. Source: Node, fs.watchFile. */
export interface WatchFileOptions {
  /** Calls back with `BigIntStats` instead of `Stats`. Default false. */
  bigint?: boolean | undefined
  /** Milliseconds between two checks. Default 5007. */
  interval?: number | undefined
  /** Keeps the process alive. Default true. */
  persistent?: boolean | undefined
}

/** The listener of `watchFile`. */
export type StatsListener<Kind = Stats> = (current: Kind, previous: Kind) => void

type Listener = StatsListener | StatsListener<BigIntStats>

/** The watcher of the path, which all listeners share. The options of the first call apply. */
export function watchFile(
  runner: CallRunner,
  path: PathLike,
  options: WatchFileOptions | Listener | null | undefined,
  listener?: Listener,
): StatWatcher {
  const file = fileOf(runner, path)
  const [given, hears] = options !== null && typeof options === 'object' ? [options, listener] : [{}, options]
  if (typeof hears !== 'function') throw invalidArgType('listener', 'of type function', hears)
  const { remote, order, watchers } = runner
  let watcher = watchers.files.get(file)
  if (watcher) {
    watcher.count(1)
  } else {
    const { bigint = false, persistent = true } = given
    const interval = intervalArgument(given.interval, 'interval')
    const how = { interval, persistent: Boolean(persistent), bigint: Boolean(bigint) }
    watcher = new StatWatcher(remote, order, watchers.timers, file, how)
    watcher.whenStopped(() => watchers.files.delete(file))
    watchers.files.set(file, watcher)
  }
  return watcher.on('change', hears)
}

/** Removes the listener, or all of them. The watcher stops without listeners. */
export function unwatchFile(runner: CallRunner, path: PathLike, listener?: Listener): void {
  const watcher = runner.watchers.files.get(fileOf(runner, path))
  if (!watcher) return
  if (typeof listener === 'function') {
    const before = watcher.listenerCount('change')
    watcher.off('change', listener)
    if (watcher.listenerCount('change') < before) watcher.count(-1)
  } else {
    watcher.removeAllListeners('change')
  }
  if (watcher.listenerCount('change') === 0) watcher.stop()
}

function fileOf(runner: CallRunner, path: PathLike): ByteString {
  return runner.paths.virtual(pathArgument(path)) || '/'
}
