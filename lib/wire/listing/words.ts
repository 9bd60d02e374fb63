import type { ByteString } from '../names/names.js'

const WORDS = 10

/** The first words of a line, parted by spaces. */
export class Words {
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  constructor(readonly line: ByteString) {
    for (let at = 0; this.#ends.length < WORDS;) {
      while (line.charCodeAt(at) === 32) at++
      if (at >= line.length) break
      const space = line.indexOf(' ', at)
      this.#starts.push(at)
      at = space < 0 ? line.length : space
      this.#ends.push(at)
    }
  }

  /** A word, or an empty string where the line has no such word. */
  at(index: number): ByteString {
    return this.line.slice(this.#starts[index] ?? 0, this.#ends[index] ?? 0)
  }

  /** The line from a word on, or an empty string. */
  from(index: number): ByteString {
    return this.line.slice(this.#starts[index] ?? this.line.length)
  }

  end(index: number): number {
    return this.#ends[index] ?? this.line.length
  }
}
