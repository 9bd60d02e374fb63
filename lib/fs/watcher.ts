import { EventEmitter } from 'node:events'
import type { PollTimer } from './poll-timer.js'

/** An event of `watch`. `filename` names an entry of the watched folder, or the watched file. */
export interface WatchEvent<Name extends string | Buffer = string> {
  /** `rename`: a name has appeared or disappeared. `change`: the file of that name has changed. */
  eventType: 'rename' | 'change'
  filename: Name
}

/**
 * The result of the callback function `watch`: Node's `fs.FSWatcher`, by polling. Emits `change`
 * (eventType, filename), `error`, which ends it, and `close` after `close()`. Source: Node, "File
 * system", class fs.FSWatcher.
 */
export class FSWatcher extends EventEmitter {
  readonly #events: AsyncIterableIterator<WatchEvent<string | Buffer>>
  readonly #pollTimer: PollTimer
  #closed = false

  constructor(events: AsyncIterableIterator<WatchEvent<string | Buffer>>, pollTimer: PollTimer) {
    super()
    this.#events = events
    this.#pollTimer = pollTimer
    void this.#run(events.next())
  }

  /** Ends the watcher, which emits `close`. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    void this.#events.return?.()
    process.nextTick(() => this.emit('close'))
  }

  /** Keeps the process alive. */
  ref(): this {
    this.#pollTimer.hold(true)
    return this
  }

  /** Lets the process end. */
  unref(): this {
    this.#pollTimer.hold(false)
    return this
  }

  async #run(first: Promise<IteratorResult<WatchEvent<string | Buffer>>>): Promise<void> {
    try {
      for (let next = await first; !next.done; next = await this.#events.next()) {
        if (this.#closed) return
        const { eventType, filename } = next.value
        // Outside of this promise, which must not reject with an error of a listener.
        process.nextTick(() => {
          if (!this.#closed) this.emit('change', eventType, filename)
        })
      }
    } catch (error) {
      if (this.#closed) return
      // The end of the FtpVfs is no error of the watcher.
      if ((error as { code?: string }).code === 'ERR_FTP_CLOSED') {
        this.close()
        return
      }
      this.#closed = true
      process.nextTick(() => this.emit('error', error))
    }
  }
}
