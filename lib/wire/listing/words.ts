import type { ByteString } from '../names/names.js'

const WORDS = 10

/** The first words of a line, separated by spaces. */
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

  /** The word at this index; empty if the line has fewer words. */
  at(index: number): ByteString {
    return this.line.slice(this.#starts[index] ?? 0, this.#ends[index] ?? 0)
  }

  /** The line from this word to its end; empty if the line has fewer words. */
  from(index: number): ByteString {
    return this.line.slice(this.#starts[index] ?? this.line.length)
  }

  /** The offset just after this word. */
  end(index: number): number {
    return this.#ends[index] ?? this.line.length
  }
}
