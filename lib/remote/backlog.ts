import type { MemoryShare } from './memory.js'
import { Spool } from './spool.js'

/** Bytes that wait to be taken, in their order: in memory, and from where that has no room, in a temporary file. */
export class Backlog {
  /** Bytes that wait. */
  size = 0
  #chunks: Buffer[] = []
  readonly #spool: Spool
  /** Bytes that wait in the file, or are on their way there. */
  #inFile = 0
  /** Where the next bytes lie in the file. */
  #next = 0
  #spooling: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    spoolDirectory: string,
    readonly share: MemoryShare,
  ) {
    this.#spool = new Spool(spoolDirectory, 0)
  }

  /**
   * Adds a chunk. Where it goes to the file, returns what resolves when it is there: until then no more should come. `spill`: it
   * goes there when memory has no room for it; else it is held all the same.
   */
  push(chunk: Buffer, spill: boolean): Promise<void> | undefined {
    this.size += chunk.length
    if (this.#inFile === 0 && (!spill || this.share.fits(chunk.length))) {
      this.share.add(chunk.length)
      this.#chunks.push(chunk)
      return undefined
    }
    this.#inFile += chunk.length
    this.#spooling = this.#spooling.then(() => this.#spool.append(chunk))
    this.#spooling.catch(() => {})
    return this.#spooling
  }

  /** The next bytes, if there are any. Throws where the file could not be written. */
  async shift(): Promise<Buffer | undefined> {
    const chunk = this.#chunks.shift()
    if (!chunk) return this.#inFile > 0 ? this.#fromFile() : undefined
    this.#took(chunk)
    return chunk
  }

  /** All that is in memory, or the next bytes of the file. As `shift`. */
  async shiftAll(): Promise<Buffer[]> {
    const chunks = this.#chunks.splice(0)
    for (const chunk of chunks) this.#took(chunk)
    if (chunks.length > 0 || this.#inFile === 0) return chunks
    return [await this.#fromFile()]
  }

  /** Disposes of the file. What is in memory can still be taken, and counts no more. */
  async close(): Promise<void> {
    this.#closed = true
    this.share.clear()
    await this.#spooling.catch(() => {})
    this.size -= this.#inFile
    this.#inFile = 0
    await this.#spool.dispose()
  }

  #took({ length }: Buffer): void {
    this.size -= length
    if (!this.#closed) this.share.add(-length)
  }

  async #fromFile(): Promise<Buffer> {
    await this.#spooling
    const chunk = await this.#spool.readChunk(this.#next)
    this.#next += chunk.length
    this.size -= chunk.length
    this.#inFile -= chunk.length
    if (this.#inFile > 0) {
      await this.#spool.forget(this.#next)
    } else {
      this.#next = 0
      await this.#spool.dispose()
    }
    return chunk
  }
}
