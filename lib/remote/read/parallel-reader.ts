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
  /** The most connections. */
  parallel: number
}

/** What is smaller is read by one connection: to begin others costs more than they bring. */
export const minParallel = 4 * 2 ** 20

// To end a range and to begin another takes eight round trips, the start of TCP among them: at 40
// ms and 10 MB/s a tenth of a range of 32 MiB.
const maxRange = 32 * 2 ** 20
const minRange = 2 ** 20

const margin = 256 * 1024

/**
 * A file's bytes in order, read by several connections: each has a range of the file.
 *
 * Those behind the first range are begun only with sessions that nobody needs, and give them back
 * when others wait, as every Reader does whose bytes are not taken. So the first one, which the
 * user waits for, always comes to a session. The last one reaches to the end, until another begins
 * behind it: with one session there is one range.
 */
export class ParallelReader implements ByteReader {
  readonly #ranges: [Reader, ...Reader[]]
  readonly #parallel: number
  readonly #lastByte: number
  #facts: FileVersion | undefined
  #rangeSize = 0
  #lastStart = 0
  /** Ranges for which a session is asked. */
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

  /** As that of a Reader. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const [first, ...others] = this.#ranges
      const chunk = await first.read()
      if (!chunk && others.length === 0) return undefined
      // Its session is given back meanwhile.
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
    // As many for each connection, and of one size, so that all end at the same time.
    const max = Math.max(minRange, Math.min(maxRange, this.remote.memory.limit / this.#parallel))
    const rounds = Math.ceil(left / (max * this.#parallel))
    this.#rangeSize = Math.max(minRange, Math.ceil(left / (rounds * this.#parallel)))
    this.#help()
  }

  /** Begins ranges with sessions that are free. */
  #help(): void {
    if (this.#next === undefined || !mayDivide(this, this.#divisible, () => this.#help())) return
    while (
      !this.#closed &&
      this.#ranges.length + this.#coming < this.#parallel &&
      this.#next !== undefined &&
      !this.remote.pool.wanted
    ) {
      this.#coming += 1
      // What is wrong with a session is said to those who wait for one.
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

  /** Where the next range begins, if there is one. */
  get #next(): number | undefined {
    const last = this.#ranges.at(-1)!
    // The one that is being read goes on for a range from here; one that is not may have come a
    // little further than its range.
    const alone = this.#ranges.length === 1
    const next = alone
      ? last.position + this.#rangeSize
      : Math.max(this.#lastStart + this.#rangeSize, last.position + margin)
    return this.#rangeSize > 0 && next < this.#end ? next : undefined
  }

  /** Behind the last byte; NaN where it is not known. */
  get #end(): number {
    return Math.min(this.#facts?.size ?? NaN, this.#lastByte + 1)
  }
}

/** A Reader, by one connection or by several. */
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
