// Milliseconds. Servers are set up anew, and one odd reply is no rule.
const lifetime = 60_000

/** That a server cannot do something: learnt from a refusal, and tried again after a minute. */
export class Learnt {
  #until = 0

  /** `now`: the clock, in milliseconds. */
  constructor(readonly now: () => number = Date.now) {}

  get holds(): boolean {
    return this.now() < this.#until
  }

  learn(): void {
    this.#until = this.now() + lifetime
  }

  forget(): void {
    this.#until = 0
  }
}
