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

/** The timers of one FtpVfs, by their intervals. */
export class PollTimers {
  readonly #timers = new Map<number, SharedTimer>()

  join(pollTimer: PollTimer): SharedTimer {
    const { interval } = pollTimer
    const timer = this.#timers.get(interval) ?? new SharedTimer(interval)
    this.#timers.set(interval, timer)
    timer.pollTimers.add(pollTimer)
    timer.consider()
    return timer
  }

  leave(pollTimer: PollTimer): void {
    const { interval } = pollTimer
    const timer = this.#timers.get(interval)
    if (!timer?.pollTimers.delete(pollTimer)) return
    timer.consider()
    if (timer.pollTimers.size > 0) return
    timer.end()
    this.#timers.delete(interval)
  }
}

/**
 * Calls back at a fixed interval in milliseconds. All PollTimers of one interval on one FtpVfs call
 * back in the same turn, so that their questions share a flight.
 */
export class PollTimer {
  readonly interval: number
  #timer: SharedTimer | undefined

  /** `persistent`: keeps the process alive. */
  constructor(
    readonly timers: PollTimers,
    interval: number,
    public persistent: boolean,
    public onTick: () => void = () => {},
  ) {
    this.interval = Math.min(Math.max(interval, 1), longest)
  }

  start(): void {
    this.#timer = this.timers.join(this)
  }

  stop(): void {
    this.#timer = undefined
    this.timers.leave(this)
  }

  /** Sets whether it keeps the process alive. */
  hold(persistent: boolean): void {
    this.persistent = persistent
    this.#timer?.consider()
  }
}
