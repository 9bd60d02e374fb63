// For how long no data connection is made ahead behind a failure; twice as long behind each in a
// row.
const leastPause = 60_000
const mostPause = 15 * 60_000

/**
 * Whether data connections are made ahead on a server (see WarmConnection): not for a while after
 * one did not work.
 *
 * A failure costs a transfer that is repeated; without them, each small file costs two round trips
 * more. So where one has carried a transfer since the last failure, a failure is an accident, and
 * turns nothing off: the next one has to come about before it is used. Where none has, as behind a
 * firewall that swallows them, the first failure is enough.
 */
export class Warmth {
  #proven = false
  #works = false
  #pause = leastPause
  #offUntil = -Infinity

  constructor(readonly now: () => number = Date.now) {}

  /** One may be made: none failed of late. */
  get allowed(): boolean {
    return this.now() >= this.#offUntil
  }

  /** They come about, so that the next one need not be waited for. */
  get proven(): boolean {
    return this.allowed && this.#proven
  }

  /** One came about. What it carries may still be lost: that ends no row of failures. */
  prove(): void {
    if (this.allowed) this.#proven = true
  }

  /** One has carried a transfer. */
  succeed(): void {
    if (!this.allowed) return
    this.#proven = true
    this.#works = true
    this.#pause = leastPause
  }

  /** One did not work. */
  fail(): void {
    // What had been made before, and goes the same way, tells nothing new.
    if (!this.allowed) return
    this.#proven = false
    if (this.#works) {
      this.#works = false
      return
    }
    this.#offUntil = this.now() + this.#pause
    this.#pause = Math.min(2 * this.#pause, mostPause)
  }
}
