import { fileChanged } from './file-version.js'
import { GivenBytes } from './given-bytes.js'

/** What of a file is known to its reader. */
export interface Read {
  /** The first byte that was wanted. */
  readonly start: number
  /** Up to where bytes were given away. */
  readonly position: number
  readonly given: GivenBytes
}

/**
 * The bytes of one transfer, which may begin before those that are still missing: what was given
 * away and comes again has to be the same.
 */
export class Rewind {
  /** Where in the file the next byte belongs. */
  at: number
  readonly #again = new GivenBytes(Infinity)

  /** `from`: where in the file it begins. */
  constructor(
    readonly from: number,
    readonly read: Read,
  ) {
    this.at = from
  }

  /** What of the chunk was not given away yet. Throws ERR_FTP_FILE_CHANGED. */
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
