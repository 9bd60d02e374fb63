import type { MemoryShare } from './memory.js'
import { blockSize, SpoolFile } from './spool-file.js'

const defaultMemory = 2 ** 20

/**
 * Collected bytes that can be read as often as needed: in memory, and beyond a limit in a temporary
 * file.
 */
export class Spool {
  size = 0
  /** The bytes, and room for more. */
  #memory = Buffer.alloc(0)
  #file: SpoolFile | undefined
  /** The block in the file for each block number of the spool. A missing block is all zeros. */
  readonly #blocks = new Map<number, number>()

  /**
   * `directory`: where a temporary file is created when it is needed. `memory`: the maximum number
   * of bytes without a file. `share`: if it has no room, the file is needed sooner.
   */
  constructor(
    readonly directory: string,
    readonly memory = defaultMemory,
    readonly share?: MemoryShare,
  ) {}

  /** Whether the spool has reached its memory limit. */
  get full(): boolean {
    return this.size >= this.memory
  }

  /** Appends a copy: the caller may reuse its memory. */
  append(chunk: Uint8Array): Promise<void> {
    return this.write(chunk, this.size)
  }

  /** Writes at any position, also behind the end. A gap is filled with zeros. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    const end = Math.max(this.size, position + chunk.length)
    if (!this.#file && end <= this.memory && this.#grow(end)) {
      this.#memory.set(chunk, position)
    } else {
      await this.#writeFile(chunk, position)
    }
    this.size = end
  }

  /** Yields the present bytes from `position` to `end`. */
  async *read(position = 0, end = this.size): AsyncGenerator<Buffer> {
    while (position < end) {
      const chunk = await this.readChunk(position, end)
      yield chunk
      position += chunk.length
    }
  }

  /** Some bytes from a position on. */
  async readChunk(position: number, end = this.size): Promise<Buffer> {
    const next = Math.min(position + blockSize - (position % blockSize), end)
    return this.#file ? this.#readBlock(position, next) : this.#memory.subarray(position, next)
  }

  /** Frees the blocks before the position, which must not be read any more. */
  async forget(position: number): Promise<void> {
    const first = Math.floor(position / blockSize)
    if (this.#file) await this.#giveBack(this.#file, index => index < first)
  }

  /** Forgets everything. Later writes go to memory again. */
  async dispose(): Promise<void> {
    this.size = 0
    this.#leave()
    const file = this.#file
    this.#file = undefined
    if (file) await this.#giveBack(file)
  }

  /** Makes room in memory. False if the limit does not allow it. */
  #grow(size: number): boolean {
    const old = this.#memory
    if (size <= old.length) return true
    const length = Math.max(size, Math.min(2 * old.length, this.memory))
    if (this.share?.take(length - old.length) === false) return false
    this.#memory = Buffer.alloc(length)
    this.#memory.set(old)
    return true
  }

  /** Frees the memory. */
  #leave(): void {
    this.#memory = Buffer.alloc(0)
    this.share?.clear()
  }

  async #writeFile(chunk: Uint8Array, position: number): Promise<void> {
    if (!this.#file) await this.#leaveMemory()
    // A reused block holds bytes of its previous spool.
    const gap = Math.min(position, this.size + blockSize - (this.size % blockSize)) - this.size
    const isWritten = this.#blocks.has(Math.floor(this.size / blockSize))
    const file = this.#file!
    try {
      if (gap > 0 && isWritten) await this.#writeBlocks(file, Buffer.alloc(gap), this.size)
      await this.#writeBlocks(file, chunk, position)
    } catch (error) {
      const used = Math.ceil(this.size / blockSize)
      await this.#giveBack(file, index => index >= used)
      throw error
    }
  }

  /** Moves the bytes from memory to the file. If the disk is full, memory stays valid. */
  async #leaveMemory(): Promise<void> {
    const file = SpoolFile.in(this.directory)
    try {
      await this.#writeBlocks(file, this.#memory.subarray(0, this.size), 0)
    } catch (error) {
      await this.#giveBack(file)
      throw error
    }
    this.#file = file
    this.#leave()
  }

  async #giveBack(file: SpoolFile, isUnused: (index: number) => boolean = () => true): Promise<void> {
    const unused = [...this.#blocks].filter(([index]) => isUnused(index))
    for (const [index] of unused) this.#blocks.delete(index)
    await file.giveBack(unused.map(([, block]) => block))
  }

  async #writeBlocks(file: SpoolFile, chunk: Uint8Array, position: number): Promise<void> {
    for (let at = position, end = position + chunk.length; at < end;) {
      const index = Math.floor(at / blockSize)
      const offset = at % blockSize
      const part = chunk.subarray(at - position, at - position + blockSize - offset)
      const block = this.#blocks.get(index)
      if (block === undefined) await this.#addBlock(file, index, offset, part)
      else await file.write(block, offset, part)
      at += part.length
    }
  }

  /** Adds a block, with zeros before the offset. */
  async #addBlock(file: SpoolFile, index: number, offset: number, bytes: Uint8Array): Promise<void> {
    const block = file.take()
    try {
      await file.write(block, 0, offset > 0 ? Buffer.concat([Buffer.alloc(offset), bytes]) : bytes)
      this.#blocks.set(index, block)
    } catch (error) {
      await file.giveBack([block])
      throw error
    }
  }

  async #readBlock(from: number, to: number): Promise<Buffer> {
    const block = this.#blocks.get(Math.floor(from / blockSize))
    if (block === undefined) return Buffer.alloc(to - from)
    const into = Buffer.allocUnsafe(to - from)
    await this.#file!.read(block, from % blockSize, into)
    return into
  }
}
