import { giveBack } from '../wire/data/slabs.js'
import type { MemoryShare } from './memory.js'
import { Spool } from './spool.js'

/**
 * A queue of received bytes: in memory, and when that has no room, in a temporary file. Bytes that
 * were taken count until more are taken, because they are in use until then.
 */
export class Backlog {
  /** How many bytes wait. */
  size = 0
  #chunks: Buffer[] = []
  readonly #spool: Spool
  /** How many bytes wait in the file, or are on their way there. */
  #inFile = 0
  /** The position in the file of the next bytes. */
  #next = 0
  #spooling: Promise<void> = Promise.resolve()
  #reading: Promise<Buffer> | undefined
  /** The memory of the chunks taken last. */
  #inUse = 0
  #closed = false

  constructor(
    spoolDirectory: string,
    readonly share: MemoryShare,
  ) {
    this.#spool = new Spool(spoolDirectory, 0)
  }

  /**
   * Adds a chunk. If it goes to the file, returns a promise that resolves when it is written: until
   * then no more chunks should come. `spill`: a chunk for which memory has no room goes to the
   * file; else memory holds it anyway.
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

  /** Takes the next bytes, if any. Throws if the file could not be written. */
  async shift(): Promise<Buffer | undefined> {
    this.#release()
    const chunk = this.#chunks.shift()
    if (!chunk) return this.#inFile > 0 ? this.#fromFile() : undefined
    this.#took(chunk)
    return chunk
  }

  /** As `shift`, with all chunks in memory, or the next bytes of the file. */
  async shiftAll(): Promise<Buffer[]> {
    this.#release()
    const chunks = this.#chunks.splice(0)
    for (const chunk of chunks) this.#took(chunk)
    if (chunks.length > 0 || this.#inFile === 0) return chunks
    const chunk = await this.#fromFile()
    return chunk ? [chunk] : []
  }

  /** Disposes of the file. Chunks in memory can still be taken, but no longer count. */
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

/** A chunk keeps the whole memory that it lies in, of which it may fill only a half. */
const memoryOf = ({ buffer }: Buffer): number => buffer.byteLength
