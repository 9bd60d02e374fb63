// Milliseconds. Servers and firewalls are set up anew, and one odd reply is no rule.
const first = 60_000
const longest = 3_600_000

/**
 * Whether to leave out a way that fails where the next one works: from the second time on for a
 * minute, and for twice as long each further time.
 */
export class Distrust {
  #failures = 0
  #until = 0

  /** `now`: the clock, in milliseconds. */
  constructor(readonly now: () => number = Date.now) {}

  get holds(): boolean {
    return this.now() < this.#until
  }

  /** The way has failed, and the next one has worked for the same thing. */
  fail(): void {
    this.#failures += 1
    if (this.#failures >= 2) this.#until = this.now() + Math.min(first * 2 ** (this.#failures - 2), longest)
  }

  /** The way has worked. */
  succeed(): void {
    this.#failures = 0
    this.#until = 0
  }
}
