import type { Reply } from '../reply/replies.js'
import { isPositive } from '../reply/replies.js'

/** What the server says it can do (FEAT, RFC 2389): the feature's name in upper case, and its parameters. */
export class Features {
  readonly #parameters = new Map<string, string>()

  constructor(reply?: Reply) {
    if (!reply || !isPositive(reply)) return
    for (const line of reply.lines.slice(1, -1)) {
      // Some servers put the code in front of every line.
      const [, name, parameters] = /^(?:\d{3}-)?\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
      if (name !== undefined) this.#parameters.set(name.toUpperCase(), parameters!)
    }
  }

  /** All names. */
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
