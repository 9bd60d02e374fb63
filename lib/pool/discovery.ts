import type { Call } from './call.js'

/** A fact that one call finds out while the others that need it wait. */
export class Discovery {
  #underWay: Promise<Error | undefined> | undefined

  /** `sharesFailure`: an error also fails the calls that wait. Otherwise the next of them tries. */
  constructor(readonly sharesFailure = false) {}

  /** Finds the fact out, or waits for the call that does, until `isKnown`. */
  async make(call: Call, isKnown: () => boolean, find: () => Promise<void>): Promise<void> {
    while (!isKnown()) {
      if (!this.#underWay) return this.#begin(call, find())
      const error = await call.untilCancelled(this.#underWay)
      if (error && this.sharesFailure) throw error
    }
  }

  #begin(call: Call, finding: Promise<void>): Promise<void> {
    const settled = finding.then(
      () => undefined,
      // A cancelled call says nothing about the server.
      (error: Error) => (call.cancelled ? undefined : error),
    )
    this.#underWay = settled.finally(() => (this.#underWay = undefined))
    return finding
  }
}
