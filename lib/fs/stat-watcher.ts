import { EventEmitter } from 'node:events'
import { Call } from '../pool/call.js'
import type { EntryInfo } from '../remote/entry.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statWithTime } from '../remote/stat/stat-with-time.js'
import type { ByteString } from '../wire/names/names.js'
import { PollTimer, type PollTimers } from './poll-timer.js'
import type { PathOrder } from './path-order.js'
import { toStats, type BigIntStats, type Stats } from './stats.js'

export interface StatWatcherOptions {
  interval: number
  persistent: boolean
  bigint: boolean
}

/**
 * The result of `watchFile`: Node's `fs.StatWatcher`. Emits `change` (current, previous) when the
 * file has changed, and once if no file exists at the beginning; `stop` at its end. Emits `error`,
 * if it has a listener, when the server could not be asked, and continues. Source: Node, "File
 * system", class fs.StatWatcher.
 */
export class StatWatcher extends EventEmitter {
  readonly #remote: Remote
  readonly #path: ByteString
  readonly #call: Call
  readonly #pollTimer: PollTimer
  readonly #bigint: boolean
  /** The last known state of the file, even if it is missing now. */
  #last: EntryInfo | undefined
  #missing = false
  #asking = false
  #stopped = false
  /** The number of watchers, and of those that keep the process alive. */
  #watching = 1
  #holding: number
  #onStop: (() => void) | undefined

  /** Throws ERR_FTP_CLOSED. */
  constructor(
    remote: Remote,
    order: PathOrder,
    timers: PollTimers,
    path: ByteString,
    options: StatWatcherOptions,
  ) {
    super()
    const { interval, persistent, bigint } = options
    this.#remote = remote
    this.#path = path
    this.#bigint = bigint
    this.#holding = persistent ? 1 : 0
    this.#call = remote.pool.begin(new Call(() => this.stop()))
    this.#pollTimer = new PollTimer(timers, interval, persistent, () => void this.#look(this.#ask()))
    // Ordered before later calls, so that the watcher sees their changes.
    void this.#look(
      order.reserve(['read', path]).inTurn(this.#call, () => statWithTime(remote, this.#call, path)),
    )
    this.#pollTimer.start()
  }

  /** Ends the watcher, for all listeners. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#pollTimer.stop()
    this.#remote.pool.end(this.#call)
    this.#onStop?.()
    process.nextTick(() => this.emit('stop'))
  }

  /** Keeps the process alive. */
  ref(): this {
    this.#hold(Math.min(this.#holding + 1, this.#watching))
    return this
  }

  /** Lets the process end, once each `watchFile` and each `ref` has its `unref`. */
  unref(): this {
    this.#hold(Math.max(this.#holding - 1, 0))
    return this
  }

  /** Adds a watcher of the file, or removes one. */
  count(difference: 1 | -1): void {
    this.#watching += difference
    this.#hold(Math.max(this.#holding + difference, 0))
  }

  /** Registers a callback for the end of the watcher. */
  whenStopped(callback: () => void): void {
    this.#onStop = callback
  }

  #hold(count: number): void {
    this.#holding = count
    this.#pollTimer.hold(count > 0)
  }

  #ask(): Promise<EntryInfo> | undefined {
    return this.#asking ? undefined : this.#call.part(part => statWithTime(this.#remote, part, this.#path))
  }

  async #look(asked: Promise<EntryInfo> | undefined): Promise<void> {
    if (!asked) return
    this.#asking = true
    try {
      const info = await asked
      if (!this.#stopped) this.#found(info)
    } catch (error) {
      if (this.#stopped) return
      if (error instanceof RefusedError) this.#gone()
      else if (this.listenerCount('error') > 0) this.emit('error', error)
    } finally {
      this.#asking = false
    }
  }

  #found(info: EntryInfo): void {
    const last = this.#last
    const changed = this.#missing || (last !== undefined && differs(last, info))
    this.#last = info
    this.#missing = false
    if (changed) this.#tell(info, last)
  }

  #gone(): void {
    if (this.#missing) return
    this.#missing = true
    this.#tell(undefined, this.#last)
  }

  #tell(now: EntryInfo | undefined, before: EntryInfo | undefined): void {
    const current = this.#stats(now)
    const previous = this.#stats(before)
    // An error of a listener must not count as a failed question.
    process.nextTick(() => {
      if (!this.#stopped) this.emit('change', current, previous)
    })
  }

  #stats(info: EntryInfo | undefined): Stats | BigIntStats {
    const bigint = this.#bigint
    if (info) return toStats(info, this.#path, { bigint } as object)
    const none = toStats({ type: 'other', mode: 0, nlink: 0 }, '', { bigint } as object)
    const zero = bigint ? 0n : 0
    return Object.assign(none, { blksize: zero, ino: zero })
  }
}

function differs(one: EntryInfo, other: EntryInfo): boolean {
  const facts = ['type', 'size', 'mtime', 'mode', 'uid', 'gid', 'unique'] as const
  return facts.some(fact => one[fact] !== other[fact])
}
