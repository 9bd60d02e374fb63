import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { PendingWrites, type Piece } from './pending-writes.js'
import { ReadAhead } from '../read/read-ahead.js'
import type { FileVersion } from '../read/file-version.js'
import type { Remote } from '../remote.js'
import type { Source } from '../write/source.js'

const blockSize = 64 * 1024

/**
 * The content of a file that is being changed: the pending writes, over the kept bytes of the
 * server, over zeros.
 */
export class FileContent {
  size = 0
  /** The size on the server: as reported, until the file was read to its end. */
  stored = 0
  /** How many of the first bytes on the server still belong to the file. */
  kept = 0
  readonly #pending: PendingWrites
  #ahead: ReadAhead
  /** The size on the server is known to be right. */
  #measured: boolean

  /** `stored`: the reported size on the server. `measured`: that size is known to be right. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    stored: number,
    measured: boolean,
  ) {
    const { spoolDirectory, replayBuffer } = remote.options
    this.#pending = new PendingWrites(spoolDirectory, replayBuffer, remote.memory.share())
    this.#ahead = this.#reopen(stored)
    this.#measured = measured
    this.size = this.kept = stored
  }

  /** The reported size on the server. */
  get told(): number {
    return this.#ahead.size
  }

  /** Whether the content differs from that on the server. */
  get changed(): boolean {
    return this.kept < this.stored || this.size !== this.stored || !this.#pending.empty
  }

  /** The version of the file whose bytes are kept. */
  get facts(): FileVersion {
    return this.#ahead.facts
  }

  /** Fills `into` from the position on. Resolves with the number of bytes. */
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
   * Finds the true size on the server, unless the file was truncated here or the size is known.
   * Bytes that SIZE did not report are kept, too.
   */
  async measure(): Promise<void> {
    if (this.#measured || this.kept < this.stored) return
    this.#endsAt(await this.#ahead.findLength())
  }

  /** Writes a copy of the chunk. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    if (chunk.length === 0) return
    await this.#pending.write(chunk, position)
    this.size = Math.max(this.size, position + chunk.length)
  }

  /** Truncates the file, or extends it with zeros. */
  async truncate(size: number): Promise<void> {
    if (size < this.size) await this.#pending.cut(size)
    this.kept = Math.min(this.kept, size)
    this.size = size
  }

  /** The ranges that differ from the server. The bytes behind the end there form one of them. */
  get changes(): Piece[] {
    const { stored, size } = this
    const ranges = this.#pending.ranges
      .filter(({ start }) => start < stored)
      .map(({ start, end }) => ({ start, end: Math.min(end, stored) }))
    if (size <= stored) return ranges
    const last = ranges.at(-1)
    if (last?.end === stored) last.end = size
    else ranges.push({ start: stored, end: size })
    return ranges
  }

  /** A part of the content, as a Source. */
  source(start: number, end: number): Source {
    return { size: end - start, read: position => this.#blocks(start + position, end) }
  }

  /** Fetches all kept bytes, so that the file on the server is no longer needed. */
  async collect(): Promise<void> {
    let end = this.kept
    await this.#collect(0, end)
    await this.measure()
    for (; end < this.kept; end = this.kept) await this.#collect(end, this.kept)
    this.kept = 0
  }

  async #collect(from: number, to: number): Promise<void> {
    const block = Buffer.allocUnsafe(blockSize)
    for (const { start, end, at } of [...this.#pending.pieces(from, to)]) {
      if (at !== undefined) continue
      for (let position = start; position < end; position += blockSize) {
        const part = block.subarray(0, Math.min(blockSize, end - position))
        const count = await this.#ahead.read(part, position, end - position)
        await this.#pending.write(part.subarray(0, count), position)
        if (count < part.length) return
      }
    }
  }

  /** Gives the session back, if any. */
  rest(): Promise<void> {
    return this.#ahead.end()
  }

  /** Drops all changes: from now on the content is that of the server. */
  async begin(stored: number, measured: boolean): Promise<void> {
    await this.#pending.clear()
    await this.#ahead.close()
    this.#ahead = this.#reopen(stored)
    this.#measured = measured
    this.size = this.kept = stored
  }

  /** Accepts a version on the server that we made, and in which the kept bytes are the same. */
  async restart(stored: number): Promise<void> {
    await this.#ahead.close()
    this.#ahead = this.#reopen(stored)
  }

  /** Disposes of the temporary file. */
  async close(): Promise<void> {
    await this.#ahead.close()
    await this.#pending.clear()
  }

  /** Fills `into`, which ends at or before the known end. Stops if the file turns out shorter. */
  async #readUpTo(into: Uint8Array, position: number): Promise<number> {
    for (const piece of this.#pending.pieces(position, position + into.length)) {
      const part = into.subarray(piece.start - position, piece.end - position)
      if (piece.at !== undefined) {
        await this.#pending.read(part, piece.at)
      } else if (!(await this.#readKept(part, piece.start))) {
        const left = Math.max(0, Math.min(into.length, this.size - position))
        return this.#readUpTo(into.subarray(0, left), position)
      }
    }
    return into.length
  }

  /**
   * Reads bytes that were not written here: kept bytes, and zeros behind them. False: the file on
   * the server turned out to be shorter.
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

  /** Accepts the true length of the file on the server. */
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
