import {
  booleanArgument,
  checkSignal,
  encodingOption,
  integerArgument,
  optionsArgument,
} from '../node/arguments.js'
import { PollTimer } from '../fs/poll-timer.js'
import { CallIterator } from '../fs/call-iterator.js'
import { entryName, type EntryEncoding } from '../node/entry-name.js'
import { invalidArgType } from '../node/node-errors.js'
import { failure } from '../fs/failure.js'
import type { PathLike } from '../fs/call-path.js'
import { watchEvents } from '../fs/watch-events.js'
import { WatchedTree } from '../fs/watched-tree.js'
import { FSWatcher, type WatchEvent } from '../fs/watcher.js'
import type { Call } from '../pool/call.js'
import type { CallRunner } from './call-runner.js'

/** Options of `watch`. Source: Node, fsPromises.watch; `interval` is ours. */
export interface WatchOptions {
  /** The encoding of the file names in events; `buffer` returns Buffers. Default `utf8`. */
  encoding?: EntryEncoding
  /** Milliseconds between two checks. Default 5007, as for `watchFile`. */
  interval?: number | undefined
  /** Keeps the process alive. Default true. */
  persistent?: boolean | undefined
  /** Watches all folders below, too; `filename` is then a relative path. Default false. */
  recursive?: boolean | undefined
  /** Ends the watch with an AbortError. */
  signal?: AbortSignal | undefined
}

export type WatchListener = (eventType: 'rename' | 'change', filename: string | Buffer) => void

/** The polling interval of Node's watchFile, in milliseconds. */
export const defaultInterval = 5007

interface Events {
  events: CallIterator<WatchEvent<string | Buffer>>
  pollTimer: PollTimer
}

export function watch(
  runner: CallRunner,
  path: PathLike,
  options?: EntryEncoding | WatchOptions,
): CallIterator<WatchEvent<string | Buffer>> {
  return begin(runner, path, options).events
}

/** `fs.watch`: `listener` gets the event `change`. The signal has the effect of `close()`. */
export function fsWatcher(
  runner: CallRunner,
  path: PathLike,
  options?: EntryEncoding | WatchOptions | WatchListener,
  listener?: WatchListener,
): FSWatcher {
  const { signal, ...others } = optionsArgument<WatchOptions>(options)
  checkSignal(signal)
  const { events, pollTimer } = begin(runner, path, others)
  const hears = typeof options === 'function' ? options : listener
  if (hears && typeof hears !== 'function') throw invalidArgType('listener', 'of type function', hears)
  const watcher = new FSWatcher(events, pollTimer)
  if (hears) watcher.on('change', hears)
  if (signal?.aborted) process.nextTick(() => watcher.close())
  else if (signal) {
    const abort = (): void => watcher.close()
    signal.addEventListener('abort', abort, { once: true })
    watcher.once('close', () => signal.removeEventListener('abort', abort))
  }
  return watcher
}

function begin(runner: CallRunner, path: PathLike, options: unknown): Events {
  const target = runner.target(path, 'watch')
  const encoding = encodingOption(options)
  const given = optionsArgument<WatchOptions>(options)
  const { persistent = true, recursive = false, signal } = given
  booleanArgument(persistent, 'options.persistent')
  booleanArgument(recursive, 'options.recursive')
  const interval = intervalArgument(given.interval, 'options.interval')
  checkSignal(signal)
  const { remote, order, watchers } = runner
  const pollTimer = new PollTimer(watchers.timers, interval, persistent)
  const work = async function* (call: Call): AsyncGenerator<WatchEvent<string | Buffer>, undefined> {
    const reservation = order.reserve([recursive ? 'walk' : 'list', target.path])
    try {
      const watched = new WatchedTree(remote, target, recursive)
      for await (const { eventType, name } of watchEvents(call, watched, pollTimer, reservation))
        yield { eventType, filename: entryName(name, encoding, runner.encoding) }
    } catch (error) {
      throw failure(error, 'watch', target.given)
    }
    return undefined
  }
  return { events: new CallIterator(remote.pool, work, signal), pollTimer }
}

/** Checks the milliseconds between two checks. Throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. */
export function intervalArgument(value: unknown, name: string): number {
  return integerArgument(value === undefined ? defaultInterval : value, name, 0, 2 ** 32 - 1)
}
