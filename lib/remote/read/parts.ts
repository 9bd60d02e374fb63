import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import { FtpError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { giveBack } from '../../wire/data/slabs.js'
import type { FileVersion } from './file-version.js'
import { mayDivide, type Divisible } from './may-divide.js'
import { minParallel } from './parallel-reader.js'
import { Reader } from './reader.js'
import type { Remote } from '../remote.js'

export interface PartsOptions {
  /** The maximum number of connections. */
  parallel: number
  /** How many bytes each connection reads ahead. */
  window: number
  /**
   * Takes contiguous chunks, and no longer needs them when it resolves. Until then the part reads
   * at most `window` bytes ahead.
   */
  take: (chunks: Buffer[], position: number) => Promise<void>
}

interface Range {
  readonly start: number
  /** The position behind its last byte. */
  readonly end: number
}

// Bytes. A remainder below twice this is not divided: another part costs some round trips.
const minPart = minParallel / 4

/**
 * Reads a file in parts, each over its own connection, for a consumer that can write at any
 * position.
 *
 * The first part is the whole file. Each free session divides the longest remainder, so that all
 * parts end together. All parts but one give their sessions back when other calls wait.
 */
export class Parts {
  readonly #reading = new Set<Reader>()
  /** Remainders of parts that gave their session back. */
  readonly #left: Range[] = []
  readonly #helpers = new Set<Promise<void>>()
  #facts: FileVersion | undefined
  #asking = 0
  #failure: { error: unknown } | undefined
  #taken = 0
  /** The true length of the file. */
  #length: number | undefined
  #divided = false
  readonly #divisible: Divisible = {}

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: PartsOptions,
  ) {}

  /** The size of the file, once it is known, if the server reports it. */
  get size(): number | undefined {
    return this.#facts?.size
  }

  /** Reads the whole file. */
  async read(): Promise<void> {
    try {
      await this.#readPart({ start: 0, end: Infinity })
      for (;;) {
        const range = this.#nextRange()
        if (range) await this.#readPart(range)
        else if (this.#helpers.size > 0) await Promise.race(this.#helpers)
        else break
      }
    } catch (error) {
      this.#failure ??= { error }
    }
    await Promise.all([...this.#reading].map(part => part.close()))
    await Promise.all(this.#helpers)
    if (this.#failure) throw this.#failure.error
    // A file that one connection read was checked by its reader.
    const length = this.#length ?? this.size
    if (this.#divided && this.#taken !== length) {
      throw new FtpError('ERR_FTP_SHORT_READ', `${this.#taken} of ${length} bytes came`)
    }
  }

  /**
   * Reads a part with its own count of attempts. `lease`: a session that the part gives back before
   * its end when another call waits for it.
   */
  #readPart(range: Range, lease?: Lease): Promise<void> {
    return this.call.part(async call => {
      const part = this.#open(call, range)
      if (lease) part.begin(lease)
      try {
        await this.#take(part, lease !== undefined)
      } finally {
        this.#reading.delete(part)
        await part.close()
      }
    })
  }

  async #take(part: Reader, mayYield: boolean): Promise<void> {
    let at = part.start
    for (let chunks; (chunks = await part.readMany());) {
      if (this.#failure) return
      await this.options.take(chunks, at)
      const from = at
      for (const { length } of chunks) at += length
      this.#taken += at - from
      giveBack(chunks)
      if (mayYield && this.remote.pool.wanted) {
        if (at < Math.min(part.end, this.size ?? Infinity)) this.#left.push({ start: at, end: part.end })
        return
      }
      this.#help()
    }
    this.#length ??= part.length
  }

  #open(call: Call, { start, end }: Range): Reader {
    const { window } = this.options
    const onFacts = (facts: FileVersion): void => {
      this.#facts = facts
      this.#help()
    }
    const part = new Reader(this.remote, call, this.path, {
      start,
      end: end - 1,
      window,
      facts: this.#facts,
      onFacts,
    })
    this.#reading.add(part)
    return part
  }

  /** A range that no part is reading, else the end of the longest remainder. */
  #nextRange(): Range | undefined {
    if (this.#failure || this.size === undefined) return undefined
    const { size } = this
    const given = this.#left.pop()
    if (given) return given
    const rest = (part: Reader): number => Math.min(part.end, size) - part.position
    const [longest] = [...this.#reading].sort((a, b) => rest(b) - rest(a))
    if (!longest || rest(longest) < 2 * minPart) return undefined
    // While one part reads the whole file, each part to come gets an equal share.
    const shares = Math.max(2, this.options.parallel - this.#reading.size + 1)
    const { end } = longest
    const start = Math.ceil(Math.min(end, size) - rest(longest) / shares)
    if (!longest.limit(start)) return undefined
    this.#divided = true
    // The last part reads to the end of the file, which is not known before.
    return { start, end }
  }

  /** Begins parts with free sessions. */
  #help(): void {
    const { parallel } = this.options
    const { size } = this
    if (parallel < 2 || size === undefined || size < minParallel) return
    if (this.#failure || !mayDivide(this, this.#divisible, () => this.#help())) return
    while (!this.#failure && this.#helpers.size + this.#asking < parallel - 1 && !this.remote.pool.wanted) {
      this.#asking += 1
      void this.remote.pool
        .acquireIfFree(this.call)
        .catch(() => undefined)
        .then(lease => {
          this.#asking -= 1
          if (lease) this.#begin(lease)
        })
    }
  }

  #begin(lease: Lease): void {
    const range = this.#nextRange()
    if (!range) {
      lease.release()
      return
    }
    const helping = this.#readPart(range, lease)
      .catch((error: unknown) => {
        this.#failure ??= { error }
        for (const other of this.#reading) void other.close()
      })
      .finally(() => this.#helpers.delete(helping))
    this.#helpers.add(helping)
  }
}
