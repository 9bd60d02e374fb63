import { createHash, type Hash } from 'node:crypto'

/** A digest of the delivered bytes, which shows whether the same bytes come again. */
export class GivenBytes {
  #hash: Hash | undefined = createHash('sha256')
  #length = 0

  /** `max`: the number of bytes beyond which nothing is compared, because that costs time. */
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

  /** Whether the other bytes are the same. True if one of the two cannot be compared. */
  equals(other: GivenBytes): boolean {
    if (!this.#hash || !other.#hash) return true
    return this.#length === other.#length && digest(this.#hash) === digest(other.#hash)
  }
}

/** The digest of a copy, because more bytes may follow. */
const digest = (hash: Hash): string => hash.copy().digest('hex')
