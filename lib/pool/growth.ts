// Milliseconds: no refusal keeps the pool small for longer.
const maxPause = 60_000

/**
 * When a pool that shrank may try one session more: some seconds after a refusal, twice as long
 * after each further one, and at once where the last step was taken.
 */
export class Growth {
  #pause = 0
  #since = 0
  #refusedAt = 0
  #tried = false

  /** `first`: milliseconds after the first refusal. */
  constructor(readonly first: number) {}

  /** The server had no room for more sessions than these. */
  refused(size: number): void {
    // Several that were refused at once are one refusal.
    if (this.#pause === 0) this.#pause = this.first
    else if (this.#tried) this.#pause = Math.min(2 * this.#pause, Math.max(maxPause, this.first))
    this.#tried = false
    this.#since = Date.now()
    this.#refusedAt = size
  }

  /** There are so many sessions now. */
  opened(size: number): void {
    if (size > this.#refusedAt) this.#pause = 0
  }

  /** One session more is being tried: another waits for what becomes of it. */
  tried(): void {
    this.#tried = true
    this.#since = Date.now()
  }

  isDue(now = Date.now()): boolean {
    return now - this.#since >= this.#pause
  }
}
