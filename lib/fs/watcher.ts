import { EventEmitter } from 'node:events'
import type { PollTimer } from './poll-timer.js'

/** What `watch` tells: `filename` is that of an entry of the folder, or of the file that is watched. */
export interface WatchEvent<Name extends string | Buffer = string> {
  /** `rename`: a name has appeared or is gone; `change`: what it names is another than before. */
  eventType: 'rename' | 'change'
  filename: Name
}

/**
 * What the callback function `watch` returns: Node's `fs.FSWatcher`, by polling. Emits `change` (eventType, filename), `error`, and
 * `close` behind `close()`. An error ends it. Source: Node, "File system", class fs.FSWatcher.
 */
export class FSWatcher extends EventEmitter {
  readonly #events: AsyncIterableIterator<WatchEvent<string | Buffer>>
  readonly #beat: PollTimer
  #closed = false

  constructor(events: AsyncIterableIterator<WatchEvent<string | Buffer>>, pollTimer: PollTimer) {
    super()
    this.#events = events
    this.#beat = pollTimer
    void this.#run(events.next())
  }

  /** Ends it; `close` is emitted. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    void this.#events.return?.()
    process.nextTick(() => this.emit('close'))
  }

  /** Keeps the process alive. */
  ref(): this {
    this.#beat.hold(true)
    return this
  }

  /** Lets the process end. */
  unref(): this {
    this.#beat.hold(false)
    return this
  }

  async #run(first: Promise<IteratorResult<WatchEvent<string | Buffer>>>): Promise<void> {
    try {
      for (let next = await first; !next.done; next = await this.#events.next()) {
        if (this.#closed) return
        const { eventType, filename } = next.value
        // Outside of this promise: what a listener throws is not rejected here.
        process.nextTick(() => {
          if (!this.#closed) this.emit('change', eventType, filename)
        })
      }
    } catch (error) {
      if (this.#closed) return
      // Closing the FtpVfs is no fault of the watcher.
      if ((error as { code?: string }).code === 'ERR_FTP_CLOSED') {
        this.close()
        return
      }
      this.#closed = true
      process.nextTick(() => this.emit('error', error))
    }
  }
}
