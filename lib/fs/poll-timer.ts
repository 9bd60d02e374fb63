import type { Pool } from '../pool/pool.js'

// Milliseconds. Node treats a longer interval as 1 ms.
const longest = 2 ** 31 - 1

/** The timer that all PollTimers of one interval share. */
class SharedTimer {
  readonly pollTimers = new Set<PollTimer>()
  readonly #timer: NodeJS.Timeout

  constructor(interval: number) {
    this.#timer = setInterval(() => {
      for (const pollTimer of [...this.pollTimers]) pollTimer.onTick()
    }, interval)
  }

  /** Keeps the process alive while one of its PollTimers does. */
  consider(): void {
    if ([...this.pollTimers].some(({ persistent }) => persistent)) this.#timer.ref()
    else this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
  }
}

const timersOf = new WeakMap<Pool, Map<number, SharedTimer>>()

/**
 * Calls back at a fixed interval in milliseconds. All PollTimers of one interval on one FtpVfs call
 * back in the same turn, so that their questions share a flight.
 */
export class PollTimer {
  readonly interval: number
  #timer: SharedTimer | undefined

  /** `persistent`: keeps the process alive. */
  constructor(
    readonly pool: Pool,
    interval: number,
    public persistent: boolean,
    public onTick: () => void = () => {},
  ) {
    this.interval = Math.min(Math.max(interval, 1), longest)
  }

  start(): void {
    let timers = timersOf.get(this.pool)
    if (!timers) timersOf.set(this.pool, (timers = new Map<number, SharedTimer>()))
    let timer = timers.get(this.interval)
    if (!timer) timers.set(this.interval, (timer = new SharedTimer(this.interval)))
    timer.pollTimers.add(this)
    timer.consider()
    this.#timer = timer
  }

  stop(): void {
    const timer = this.#timer
    if (!timer) return
    this.#timer = undefined
    timer.pollTimers.delete(this)
    timer.consider()
    if (timer.pollTimers.size > 0) return
    timer.end()
    timersOf.get(this.pool)?.delete(this.interval)
  }

  /** Sets whether it keeps the process alive. */
  hold(persistent: boolean): void {
    this.persistent = persistent
    this.#timer?.consider()
  }
}
