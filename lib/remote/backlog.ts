import { giveBack } from '../wire/data/slabs.js'
import type { MemoryShare } from './memory.js'
import { Spool } from './spool.js'

/**
 * Bytes that wait to be taken, in their order: in memory, and from where that has no room, in a
 * temporary file. What was taken counts until more is taken: till then it is in use.
 */
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
  #reading: Promise<Buffer> | undefined
  /** The memory of what was taken last. */
  #inUse = 0
  #closed = false

  constructor(
    spoolDirectory: string,
    readonly share: MemoryShare,
  ) {
    this.#spool = new Spool(spoolDirectory, 0)
  }

  /**
   * Adds a chunk. Where it goes to the file, returns what resolves when it is there: until then no
   * more should come. `spill`: it goes there when memory has no room for it; else it is held all
   * the same.
   */
  push(chunk: Buffer, spill: boolean): Promise<void> | undefined {
    this.size += chunk.length
    if (this.#inFile === 0 && (!spill || this.share.fits(memoryOf(chunk)))) {
      this.share.add(memoryOf(chunk))
      this.#chunks.push(chunk)
      return undefined
    }
    this.#inFile += chunk.length
    this.#spooling = this.#spooling.then(() => this.#write(chunk))
    this.#spooling.catch(() => {})
    return this.#spooling
  }

  /** The next bytes, if there are any. Throws where the file could not be written. */
  async shift(): Promise<Buffer | undefined> {
    this.#release()
    const chunk = this.#chunks.shift()
    if (!chunk) return this.#inFile > 0 ? this.#fromFile() : undefined
    this.#took(chunk)
    return chunk
  }

  /** All that is in memory, or the next bytes of the file. As `shift`. */
  async shiftAll(): Promise<Buffer[]> {
    this.#release()
    const chunks = this.#chunks.splice(0)
    for (const chunk of chunks) this.#took(chunk)
    if (chunks.length > 0 || this.#inFile === 0) return chunks
    const chunk = await this.#fromFile()
    return chunk ? [chunk] : []
  }

  /** Disposes of the file. What is in memory can still be taken, and counts no more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#inUse = 0
    this.share.clear()
    await Promise.allSettled([this.#spooling, this.#reading])
    this.size -= this.#inFile
    this.#inFile = 0
    await this.#spool.dispose()
  }

  async #write(chunk: Buffer): Promise<void> {
    await this.#spool.append(chunk)
    giveBack([chunk])
  }

  #took(chunk: Buffer): void {
    this.size -= chunk.length
    if (!this.#closed) this.#inUse += memoryOf(chunk)
  }

  #release(): void {
    this.share.add(-this.#inUse)
    this.#inUse = 0
  }

  async #fromFile(): Promise<Buffer | undefined> {
    await this.#spooling
    this.#reading = this.#spool.readChunk(this.#next)
    const chunk = await this.#reading
    if (this.#closed) return undefined
    this.#next += chunk.length
    this.#inFile -= chunk.length
    this.share.add(memoryOf(chunk))
    this.#took(chunk)
    if (this.#inFile > 0) {
      await this.#spool.forget(this.#next)
    } else {
      this.#next = 0
      await this.#spool.dispose()
    }
    return chunk
  }
}

/** A chunk keeps all the memory that it lies in, which it may fill to a half only. */
const memoryOf = ({ buffer }: Buffer): number => buffer.byteLength
