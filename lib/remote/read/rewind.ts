import { fileChanged } from './file-version.js'
import { GivenBytes } from './given-bytes.js'

/** What a reader has already delivered of a file. */
export interface Read {
  /** The position of the first requested byte. */
  readonly start: number
  /** The position up to which bytes were delivered. */
  readonly position: number
  readonly given: GivenBytes
}

/**
 * The bytes of one transfer, which may begin before the first missing byte. Bytes that come a
 * second time must equal those that were delivered.
 */
export class Rewind {
  /** The position in the file of the next byte. */
  at: number
  readonly #again = new GivenBytes(Infinity)

  /** `from`: the position in the file at which the transfer begins. */
  constructor(
    readonly from: number,
    readonly read: Read,
  ) {
    this.at = from
  }

  /** The bytes of the chunk that were not delivered before. Throws ERR_FTP_FILE_CHANGED. */
  take(chunk: Buffer): Buffer {
    const { start, position, given } = this.read
    const from = this.at
    this.at += chunk.length
    if (from >= position) return chunk
    if (position > start) {
      this.#again.add(chunk.subarray(Math.max(0, start - from), position - from))
      if (this.at >= position && !this.#again.equals(given)) throw fileChanged()
    }
    return chunk.subarray(position - from)
  }
}
