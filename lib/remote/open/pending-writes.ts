import type { MemoryShare } from '../memory.js'
import { Spool } from '../spool.js'

/** A part of a file. `at`: the position of its bytes in the spool; undefined for a gap. */
export interface Piece {
  start: number
  /** The position behind its last byte. */
  end: number
  at?: number
}

type Extent = Required<Piece>

/**
 * Bytes that were written at any position of a file, and are not stored yet. They lie in memory,
 * and beyond its limit in a temporary file, in the order in which they were written: so that file
 * is no longer than they are.
 */
export class PendingWrites {
  readonly #spool: Spool
  /** In the order of their positions, without overlaps. */
  #extents: Extent[] = []

  /** Parameters as for Spool. */
  constructor(directory: string, memory: number, share?: MemoryShare) {
    this.#spool = new Spool(directory, memory, share)
  }

  get empty(): boolean {
    return this.#extents.length === 0
  }

  /** Writes a copy of the chunk. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    for (const { start, end, at } of [...this.pieces(position, position + chunk.length)]) {
      const part = chunk.subarray(start - position, end - position)
      const place = at ?? this.#spool.size
      await this.#spool.write(part, place)
      if (at === undefined) this.#add({ start, end, at: place })
    }
  }

  /** The written pieces of the range and the gaps between them, in order. */
  *pieces(start: number, end: number): Generator<Piece> {
    for (let index = this.#behind(start); start < end; index++) {
      const extent = this.#extents[index]
      const gap = Math.min(extent?.start ?? end, end)
      if (gap > start) yield { start, end: gap }
      if (!extent || gap === end) return
      start = Math.max(start, extent.start)
      const to = Math.min(extent.end, end)
      yield { start, end: to, at: extent.at + start - extent.start }
      start = to
    }
  }

  /** The written ranges. Adjacent ones are merged. */
  get ranges(): Piece[] {
    const ranges: Piece[] = []
    for (const { start, end } of this.#extents) {
      const last = ranges.at(-1)
      if (last?.end === start) last.end = end
      else ranges.push({ start, end })
    }
    return ranges
  }

  /** Fills `into` with written bytes. `at`: the position in the spool, from a piece. */
  async read(into: Uint8Array, at: number): Promise<void> {
    let filled = 0
    for await (const chunk of this.#spool.read(at, at + into.length)) {
      into.set(chunk, filled)
      filled += chunk.length
    }
  }

  /** Forgets the bytes behind `size`. */
  async cut(size: number): Promise<void> {
    this.#extents = this.#extents.filter(({ start }) => start < size)
    const last = this.#extents.at(-1)
    if (last) last.end = Math.min(last.end, size)
    else await this.clear()
  }

  /** Forgets everything, and disposes of the temporary file. */
  async clear(): Promise<void> {
    this.#extents = []
    await this.#spool.dispose()
  }

  /** The index of the first extent that ends behind the position. */
  #behind(position: number): number {
    let from = 0
    let to = this.#extents.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#extents[middle]!.end > position) to = middle
      else from = middle + 1
    }
    return from
  }

  #add(extent: Extent): void {
    const index = this.#behind(extent.start)
    const before = this.#extents[index - 1]
    if (before?.end === extent.start && before.at + before.end - before.start === extent.at) {
      before.end = extent.end
    } else {
      this.#extents.splice(index, 0, extent)
    }
  }
}
