import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import type { ByteString } from '../../wire/names/names.js'
import type { FileVersion } from './file-version.js'
import { mayDivide, type Divisible } from './may-divide.js'
import { Reader } from './reader.js'
import type { Remote } from '../remote.js'
import type { ByteReader } from './transfer.js'

export interface ParallelReaderOptions {
  start?: number
  /** The last byte, inclusive. */
  end?: number
  /** The maximum number of connections. */
  parallel: number
}

/** Bytes. A smaller file is read by one connection: others would cost more than they gain. */
export const minParallel = 4 * 2 ** 20

// To end a range and begin another takes eight round trips, including the start of TCP: at
// 40 ms and 10 MB/s that is a tenth of the time of a 32 MiB range.
const maxRange = 32 * 2 ** 20
const minRange = 2 ** 20

const margin = 256 * 1024

/**
 * Reads a file in order over several connections, each of which reads one range.
 *
 * Ranges behind the first begin only with free sessions, and give them back when other calls wait,
 * as does every Reader whose bytes are not consumed. So the first range, which the user waits for,
 * always gets a session. The last range extends to the end of the file until another begins behind
 * it: with one session there is one range.
 */
export class ParallelReader implements ByteReader {
  readonly #ranges: [Reader, ...Reader[]]
  readonly #parallel: number
  readonly #lastByte: number
  #facts: FileVersion | undefined
  #rangeSize = 0
  #lastStart = 0
  /** How many ranges wait for a session. */
  #coming = 0
  #closed = false
  readonly #divisible: Divisible = {}

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    { start = 0, end = Infinity, parallel }: ParallelReaderOptions,
  ) {
    this.#parallel = parallel
    this.#lastByte = end
    const onFacts = (facts: FileVersion): void => this.#plan(facts, start)
    this.#ranges = [new Reader(remote, call, path, { start, end, onFacts })]
  }

  /** As Reader.read. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const [first, ...others] = this.#ranges
      const chunk = await first.read()
      if (!chunk && others.length === 0) return undefined
      // The next range is read while this one gives its session back.
      if (!chunk) void this.#ranges.shift()!.close()
      this.#help()
      if (chunk) return chunk
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#ranges.map(range => range.close()))
  }

  #plan(facts: FileVersion, start: number): void {
    this.#facts = facts
    const left = this.#end - start
    if (!(left >= minParallel)) return
    // Each connection gets the same number of ranges of one size, so that all end together.
    const max = Math.max(minRange, Math.min(maxRange, this.remote.memory.limit / this.#parallel))
    const rounds = Math.ceil(left / (max * this.#parallel))
    this.#rangeSize = Math.max(minRange, Math.ceil(left / (rounds * this.#parallel)))
    this.#help()
  }

  /** Begins ranges with free sessions. */
  #help(): void {
    if (this.#next === undefined || !mayDivide(this, this.#divisible, () => this.#help())) return
    while (
      !this.#closed &&
      this.#ranges.length + this.#coming < this.#parallel &&
      this.#next !== undefined &&
      !this.remote.pool.wanted
    ) {
      this.#coming += 1
      // An error with a session goes to the calls that wait for one.
      void this.remote.pool
        .acquireIfFree(this.call)
        .catch(() => undefined)
        .then(lease => {
          this.#coming -= 1
          if (lease) this.#begin(lease)
        })
    }
  }

  #begin(lease: Lease): void {
    const start = this.#closed ? undefined : this.#next
    if (start === undefined || !this.#ranges.at(-1)!.limit(start)) {
      lease.release()
      return
    }
    const options = { start, end: this.#lastByte, window: this.#rangeSize, facts: this.#facts }
    this.#lastStart = start
    void this.call.part(async call => {
      const range = new Reader(this.remote, call, this.path, options)
      this.#ranges.push(range)
      range.begin(lease)
      await range.closed
    })
  }

  /** The position of the next range, if any is left. */
  get #next(): number | undefined {
    const last = this.#ranges.at(-1)!
    // A single range is being consumed, and keeps one range from its position on. A later range
    // that is not consumed may have read a little past its share.
    const alone = this.#ranges.length === 1
    const next = alone
      ? last.position + this.#rangeSize
      : Math.max(this.#lastStart + this.#rangeSize, last.position + margin)
    return this.#rangeSize > 0 && next < this.#end ? next : undefined
  }

  /** The position behind the last byte; NaN if it is unknown. */
  get #end(): number {
    return Math.min(this.#facts?.size ?? NaN, this.#lastByte + 1)
  }
}

/** A reader that uses one connection or several. */
export function reader(
  remote: Remote,
  call: Call,
  path: ByteString,
  { parallel = 1, ...range }: { start?: number; end?: number; parallel?: number | undefined },
): ByteReader {
  return parallel > 1
    ? new ParallelReader(remote, call, path, { ...range, parallel })
    : new Reader(remote, call, path, range)
}
