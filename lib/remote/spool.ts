import type { MemoryShare } from './memory.js'
import { blockSize, SpoolFile } from './spool-file.js'

const defaultMemory = 2 ** 20

/**
 * Bytes that wait, in memory and, where they are more, in a temporary file, to be read as often as
 * needed.
 */
export class Spool {
  size = 0
  /** The bytes, and room for more. */
  #memory = Buffer.alloc(0)
  #file: SpoolFile | undefined
  /**
   * Where in the file a block lies, by its number here; of one that is not in it all bytes are
   * zeros.
   */
  readonly #blocks = new Map<number, number>()

  /**
   * `directory`: where the temporary file is made, when one is needed. `memory`: how many bytes
   * wait without, at most. `share`: where there is no room for them, it is needed sooner.
   */
  constructor(
    readonly directory: string,
    readonly memory = defaultMemory,
    readonly share?: MemoryShare,
  ) {}

  /** Whether as much has come as waits in memory at most. */
  get full(): boolean {
    return this.size >= this.memory
  }

  /** Takes a copy: the giver may use the memory again. */
  append(chunk: Uint8Array): Promise<void> {
    return this.write(chunk, this.size)
  }

  /** Writes into what is there, and behind its end. A gap is filled with zeros. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    const end = Math.max(this.size, position + chunk.length)
    if (!this.#file && end <= this.memory && this.#grow(end)) {
      this.#memory.set(chunk, position)
    } else {
      await this.#writeFile(chunk, position)
    }
    this.size = end
  }

  /** The bytes from a position on, as they are now, up to an end. */
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

  /** What lies before the position is read no more: its room in the file is free. */
  async forget(position: number): Promise<void> {
    const first = Math.floor(position / blockSize)
    if (this.#file) await this.#giveBack(this.#file, index => index < first)
  }

  /** Forgets all; what is written later waits in memory again. */
  async dispose(): Promise<void> {
    this.size = 0
    this.#leave()
    const file = this.#file
    this.#file = undefined
    if (file) await this.#giveBack(file)
  }

  /** False: there is no room for so much. */
  #grow(size: number): boolean {
    const old = this.#memory
    if (size <= old.length) return true
    const length = Math.max(size, Math.min(2 * old.length, this.memory))
    if (this.share?.take(length - old.length) === false) return false
    this.#memory = Buffer.alloc(length)
    this.#memory.set(old)
    return true
  }

  /** Nothing is in memory any more. */
  #leave(): void {
    this.#memory = Buffer.alloc(0)
    this.share?.clear()
  }

  async #writeFile(chunk: Uint8Array, position: number): Promise<void> {
    if (!this.#file) await this.#leaveMemory()
    // A block that was others' holds their bytes.
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

  /** All that is in memory goes to the file. When the disk is full it is good still. */
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

  /** Zeros stand in front of the offset: there is a gap. */
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
