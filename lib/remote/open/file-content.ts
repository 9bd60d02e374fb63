import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { PendingWrites, type Piece } from './pending-writes.js'
import { ReadAhead } from '../read/read-ahead.js'
import type { FileVersion } from '../read/file-version.js'
import type { Remote } from '../remote.js'
import type { Source } from '../write/source.js'

const blockSize = 64 * 1024

/**
 * What a file holds for somebody who changes it: what was written here, over the bytes that are
 * kept of the server's, over zeros.
 */
export class FileContent {
  size = 0
  /** How long it is on the server: as that says, until it was read to its end. */
  stored = 0
  /** So many of its first bytes there are still those of the file. */
  kept = 0
  readonly #overlay: PendingWrites
  #ahead: ReadAhead
  /** How long it is on the server has shown. */
  #measured: boolean

  /**
   * `stored`: how long the file is said to be on the server. `measured`: that is known to be right.
   */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    stored: number,
    measured: boolean,
  ) {
    const { spoolDirectory, replayBuffer } = remote.options
    this.#overlay = new PendingWrites(spoolDirectory, replayBuffer, remote.memory.share())
    this.#ahead = this.#reopen(stored)
    this.#measured = measured
    this.size = this.kept = stored
  }

  /** How long it is said to be on the server. */
  get told(): number {
    return this.#ahead.size
  }

  /** Whether it is not what the server has. */
  get changed(): boolean {
    return this.kept < this.stored || this.size !== this.stored || !this.#overlay.empty
  }

  /** By what the file is known again, of which bytes are kept. */
  get facts(): FileVersion {
    return this.#ahead.facts
  }

  /** Fills `into` from the position on; resolves with how many bytes there were. */
  async read(into: Uint8Array, position: number): Promise<number> {
    for (let filled = 0; ;) {
      const at = position + filled
      const end = Math.min(position + into.length, this.size)
      filled += await this.#readUpTo(into.subarray(filled, Math.max(filled, end - position)), at)
      if (filled === into.length || position + filled < this.size) return filled
      if (this.#measured || this.kept < this.stored || !this.#ahead.mayGoOn) return filled
      await this.measure()
    }
  }

  /**
   * Finds out how long the file on the server is, where nothing of it was cut here: what SIZE has
   * not told stays as well. Does nothing where that is known.
   */
  async measure(): Promise<void> {
    if (this.#measured || this.kept < this.stored) return
    this.#endsAt(await this.#ahead.findLength())
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

  /**
   * The ranges in which it differs from what the server has; what lies behind that is one of them.
   */
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
    let end = this.kept
    await this.#collect(0, end)
    await this.measure()
    for (; end < this.kept; end = this.kept) await this.#collect(end, this.kept)
    this.kept = 0
  }

  async #collect(from: number, to: number): Promise<void> {
    const block = Buffer.allocUnsafe(blockSize)
    for (const { start, end, at } of [...this.#overlay.pieces(from, to)]) {
      if (at !== undefined) continue
      for (let position = start; position < end; position += blockSize) {
        const part = block.subarray(0, Math.min(blockSize, end - position))
        const count = await this.#ahead.read(part, position, end - position)
        await this.#overlay.write(part.subarray(0, count), position)
        if (count < part.length) return
      }
    }
  }

  /** Gives its session back, if it has one. */
  rest(): Promise<void> {
    return this.#ahead.end()
  }

  /** Nothing is changed any more: from here on it is what the server has. */
  async begin(stored: number, measured: boolean): Promise<void> {
    await this.#overlay.clear()
    await this.#ahead.close()
    this.#ahead = this.#reopen(stored)
    this.#measured = measured
    this.size = this.kept = stored
  }

  /** It is another file on the server now, because of us; what is kept of it is still the same. */
  async restart(stored: number): Promise<void> {
    await this.#ahead.close()
    this.#ahead = this.#reopen(stored)
  }

  /** Disposes of the temporary file. */
  async close(): Promise<void> {
    await this.#ahead.close()
    await this.#overlay.clear()
  }

  /** Fills `into` with what lies before the end, as far as that is right. */
  async #readUpTo(into: Uint8Array, position: number): Promise<number> {
    for (const piece of this.#overlay.pieces(position, position + into.length)) {
      const part = into.subarray(piece.start - position, piece.end - position)
      if (piece.at !== undefined) {
        await this.#overlay.read(part, piece.at)
      } else if (!(await this.#readKept(part, piece.start))) {
        const left = Math.max(0, Math.min(into.length, this.size - position))
        return this.#readUpTo(into.subarray(0, left), position)
      }
    }
    return into.length
  }

  /**
   * Reads what was not written here: behind what is kept these are zeros. False: the file turned
   * out to be shorter.
   */
  async #readKept(into: Uint8Array, position: number): Promise<boolean> {
    const kept = Math.min(into.length, Math.max(0, this.kept - position))
    const count = kept > 0 ? await this.#ahead.read(into.subarray(0, kept), position) : 0
    if (count < kept) {
      this.#endsAt(await this.#ahead.findLength())
      return false
    }
    into.fill(0, kept)
    return true
  }

  /** The file on the server turned out to be so long. */
  #endsAt(length: number): void {
    const cut = this.kept < this.stored
    if (this.size === this.stored) this.size = length
    else if (!cut) this.size = Math.max(this.size, length)
    this.kept = cut ? Math.min(this.kept, length) : length
    this.stored = length
    this.#measured = true
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
