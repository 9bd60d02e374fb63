import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { Overlay, type Piece } from './overlay.js'
import { ReadAhead } from './read-ahead.js'
import type { FileFacts } from './file-facts.js'
import type { Remote } from './remote.js'
import type { Source } from './write/source.js'

const blockSize = 64 * 1024

/** What a file holds for somebody who changes it: what was written here, over the bytes that are kept of the server's, over zeros. */
export class FileContent {
  size = 0
  /** How long it is on the server. */
  stored = 0
  /** So many of its first bytes there are still those of the file. */
  kept = 0
  readonly #overlay: Overlay
  #ahead: ReadAhead

  /** `stored`: how long the file is on the server. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    stored: number,
  ) {
    const { spoolDirectory, replayBuffer } = remote.options
    this.#overlay = new Overlay(spoolDirectory, replayBuffer)
    this.#ahead = this.#reopen(stored)
    this.size = this.kept = stored
  }

  /** Whether it is not what the server has. */
  get changed(): boolean {
    return this.kept < this.stored || this.size !== this.stored || !this.#overlay.empty
  }

  /** By what the file is known again, of which bytes are kept. */
  get facts(): FileFacts {
    return this.#ahead.facts
  }

  /** Fills `into` from the position on; resolves with how many bytes there were. */
  async read(into: Uint8Array, position: number): Promise<number> {
    const end = Math.min(position + into.length, this.size)
    for (const piece of this.#overlay.pieces(position, end)) {
      const part = into.subarray(piece.start - position, piece.end - position)
      if (piece.at === undefined) await this.#readKept(part, piece.start)
      else await this.#overlay.read(part, piece.at)
    }
    return Math.max(0, end - position)
  }

  /** Takes a copy. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    if (chunk.length === 0) return
    await this.#overlay.write(chunk, position)
    this.size = Math.max(this.size, position + chunk.length)
  }

  /** Cuts it, or adds zeros. */
  async truncate(size: number): Promise<void> {
    if (size < this.size) await this.#overlay.cut(size)
    this.kept = Math.min(this.kept, size)
    this.size = size
  }

  /** The ranges in which it differs from what the server has; what lies behind that is one of them. */
  get changes(): Piece[] {
    const { stored, size } = this
    const ranges = this.#overlay.ranges
      .filter(({ start }) => start < stored)
      .map(({ start, end }) => ({ start, end: Math.min(end, stored) }))
    if (size <= stored) return ranges
    const last = ranges.at(-1)
    if (last?.end === stored) last.end = size
    else ranges.push({ start: stored, end: size })
    return ranges
  }

  /** A part of it, to be read as often as needed. */
  source(start: number, end: number): Source {
    return { size: end - start, read: position => this.#blocks(start + position, end) }
  }

  /** Fetches all that is kept of the server's, so that the file there is needed no more. */
  async collect(): Promise<void> {
    const block = Buffer.allocUnsafe(blockSize)
    for (const { start, end, at } of [...this.#overlay.pieces(0, this.kept)]) {
      if (at !== undefined) continue
      for (let position = start; position < end; position += blockSize) {
        const part = block.subarray(0, Math.min(blockSize, end - position))
        await this.#ahead.read(part, position, end - position)
        await this.#overlay.write(part, position)
      }
    }
    this.kept = 0
  }

  /** Gives its session back, if it has one. */
  rest(): Promise<void> {
    return this.#ahead.end()
  }

  /** Nothing is changed any more: from here on it is what the server has. */
  async begin(stored: number): Promise<void> {
    await this.#overlay.clear()
    await this.#ahead.end()
    this.#ahead = this.#reopen(stored)
    this.size = this.kept = stored
  }

  /** It is another file on the server now, because of us; what is kept of it is still the same. */
  async restart(stored: number): Promise<void> {
    await this.#ahead.end()
    this.#ahead = this.#reopen(stored)
  }

  /** Disposes of the temporary file. */
  async close(): Promise<void> {
    await this.#ahead.end()
    await this.#overlay.clear()
  }

  /** Reads what was not written here: behind what is kept these are zeros. */
  async #readKept(into: Uint8Array, position: number): Promise<void> {
    const kept = Math.min(into.length, Math.max(0, this.kept - position))
    if (kept > 0) await this.#ahead.read(into.subarray(0, kept), position)
    into.fill(0, kept)
  }

  async *#blocks(start: number, end: number): AsyncGenerator<Buffer> {
    const block = Buffer.allocUnsafe(Math.min(blockSize, end - start))
    for (let position = start; position < end; position += blockSize) {
      const part = block.subarray(0, Math.min(blockSize, end - position))
      await this.read(part, position)
      yield part
    }
  }

  #reopen(stored: number): ReadAhead {
    this.stored = stored
    return new ReadAhead(this.remote, this.call, this.path, stored)
  }
}
