// A longer one would be taken for 1 ms.
const longest = 2 ** 31 - 1

/** The timer of all beats of one interval. */
class SharedTimer {
  readonly pollTimers = new Set<PollTimer>()
  readonly #timer: NodeJS.Timeout

  constructor(interval: number) {
    this.#timer = setInterval(() => {
      for (const pollTimer of [...this.pollTimers]) pollTimer.onTick()
    }, interval)
  }

  /** Holds the process for as long as one of them does. */
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
 * Calls back every so many milliseconds. All of one interval on one FtpVfs do so in the same turn: what they ask goes to the
 * server in one flight.
 */
export class PollTimer {
  readonly interval: number
  #timer: SharedTimer | undefined

  /** `persistent`: it keeps the process alive. */
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

  /** Whether it keeps the process alive. */
  hold(persistent: boolean): void {
    this.persistent = persistent
    this.#timer?.consider()
  }
}
