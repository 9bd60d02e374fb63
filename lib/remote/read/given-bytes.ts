import { createHash, type Hash } from 'node:crypto'

/** What is known of bytes that were given away: enough to tell whether the same come again. */
export class GivenBytes {
  #hash: Hash | undefined = createHash('sha256')
  #length = 0

  /** `most`: beyond so many bytes they are not told apart any more, which costs time. */
  constructor(readonly max: number) {}

  /** Whether they can be compared. */
  get comparable(): boolean {
    return this.#hash !== undefined
  }

  add(chunk: Buffer): void {
    if (!this.#hash) return
    this.#length += chunk.length
    if (this.#length > this.max) this.#hash = undefined
    else this.#hash.update(chunk)
  }

  /** Whether others are the same, as far as both can be compared. */
  equals(other: GivenBytes): boolean {
    if (!this.#hash || !other.#hash) return true
    return this.#length === other.#length && digest(this.#hash) === digest(other.#hash)
  }
}

/** Others follow. */
const digest = (hash: Hash): string => hash.copy().digest('hex')
