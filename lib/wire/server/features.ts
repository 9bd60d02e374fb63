import type { Reply } from '../reply/replies.js'
import { isPositive } from '../reply/replies.js'

/** The features that FEAT announces (RFC 2389): names in upper case, with their parameters. */
export class Features {
  readonly #parameters = new Map<string, string>()

  constructor(reply?: Reply) {
    if (!reply || !isPositive(reply)) return
    for (const line of reply.lines.slice(1, -1)) {
      // Some servers begin every line with the code.
      const [, name, parameters] = /^(?:\d{3}-)?\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
      if (name !== undefined) this.#parameters.set(name.toUpperCase(), parameters!)
    }
  }

  /** The names of all features. */
  get names(): string[] {
    return [...this.#parameters.keys()]
  }

  has(name: string): boolean {
    return this.#parameters.has(name)
  }

  parameters(name: string): string {
    return this.#parameters.get(name) ?? ''
  }
}
