// The longest pause, in milliseconds, unless the first one is longer.
const maxPause = 60_000

/**
 * Decides when a pool that shrank may try another session: `first` milliseconds after a refusal,
 * twice as long after each further one, and at once if the last try succeeded.
 */
export class Growth {
  #pause = 0
  #since = 0
  #refusedAt = 0
  #tried = false

  /** `first`: milliseconds after the first refusal. */
  constructor(readonly first: number) {}

  /** The server refuses more than `size` sessions. */
  refused(size: number): void {
    // Simultaneous refusals count as one.
    if (this.#pause === 0) this.#pause = this.first
    else if (this.#tried) this.#pause = Math.min(2 * this.#pause, Math.max(maxPause, this.first))
    this.#tried = false
    this.#since = Date.now()
    this.#refusedAt = size
  }

  /** The pool has `size` sessions now. */
  opened(size: number): void {
    if (size > this.#refusedAt) this.#pause = 0
  }

  /** Another session is being tried: the next try waits for its result. */
  tried(): void {
    this.#tried = true
    this.#since = Date.now()
  }

  isDue(now = Date.now()): boolean {
    return now - this.#since >= this.#pause
  }
}
