import type { Call } from '../pool/call.js'
import type { Lease } from '../pool/lease.js'
import { FtpError } from '../wire/errors.js'
import type { ByteString } from '../wire/names.js'
import { giveBack } from '../wire/slabs.js'
import { leastParallel } from './parallel-reader.js'
import type { FileFacts } from './file-facts.js'
import { Reader } from './reader.js'
import type { Remote } from './remote.js'

export interface PartsOptions {
  /** The most connections. */
  parallel: number
  /** Bytes that each of them reads ahead. */
  window: number
  /** Takes chunks that lie one behind the other, and needs them no more when it has. No more are read meanwhile than the window. */
  take: (chunks: Buffer[], position: number) => Promise<void>
}

// What is left of a part is not divided further: to begin another takes some round trips.
const leastPart = leastParallel / 4

/**
 * A file's bytes in parts, each by a connection of its own, for whoever can put them in their places.
 *
 * The first part is the whole file. With each session that nobody needs, the longest rest is divided, so that all end at the
 * same time. All parts but one give their sessions back when others wait.
 */
export class Parts {
  readonly #open = new Set<Reader>()
  /** What was begun and given back. */
  readonly #left: { start: number; end: number }[] = []
  readonly #helpers = new Set<Promise<void>>()
  #facts: FileFacts | undefined
  #asking = 0
  #failure: { error: unknown } | undefined
  #taken = 0

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly options: PartsOptions,
  ) {}

  /** The file's size, once it is known and where the server tells it. */
  get size(): number | undefined {
    return this.#facts?.size
  }

  /** Reads all of it. */
  async read(): Promise<void> {
    try {
      await this.#readPart(this.#part(0, Infinity), false)
      for (;;) {
        const part = this.#nextPart()
        if (part) await this.#readPart(part, false)
        else if (this.#helpers.size > 0) await Promise.race(this.#helpers)
        else break
      }
    } catch (error) {
      this.#failure ??= { error }
    }
    await Promise.all([...this.#open].map(part => part.close()))
    await Promise.all(this.#helpers)
    if (this.#failure) throw this.#failure.error
    if (this.size !== undefined && this.#taken !== this.size) {
      throw new FtpError('ERR_FTP_SHORT_READ', `${this.#taken} of ${this.size} bytes came`)
    }
  }

  /** Ends before the part's end when others wait for its session, if it may. */
  async #readPart(part: Reader, mayYield: boolean): Promise<void> {
    let at = part.start
    try {
      for (let chunks; (chunks = await part.readMany());) {
        if (this.#failure) return
        await this.options.take(chunks, at)
        const from = at
        for (const { length } of chunks) at += length
        this.#taken += at - from
        giveBack(chunks)
        if (mayYield && this.remote.pool.wanted) {
          if (at < part.end) this.#left.push({ start: at, end: part.end })
          return
        }
        this.#help()
      }
    } finally {
      this.#open.delete(part)
      await part.close()
    }
  }

  #part(start: number, end: number): Reader {
    const { window } = this.options
    const onFacts = (facts: FileFacts): void => {
      this.#facts = facts
      this.#help()
    }
    const part = new Reader(this.remote, this.call, this.path, {
      start,
      end: end - 1,
      window,
      facts: this.#facts,
      onFacts,
    })
    this.#open.add(part)
    return part
  }

  /** What nobody reads, or the end of the longest rest. */
  #nextPart(): Reader | undefined {
    if (this.#failure || this.size === undefined) return undefined
    const { size } = this
    const given = this.#left.pop()
    if (given) return this.#part(given.start, given.end)
    const rest = (part: Reader): number => Math.min(part.end, size) - part.position
    const [longest] = [...this.#open].sort((a, b) => rest(b) - rest(a))
    if (!longest || rest(longest) < 2 * leastPart) return undefined
    // Of a file that nobody else reads yet, a share for each of those to come.
    const shares = Math.max(2, this.options.parallel - this.#open.size + 1)
    const end = Math.min(longest.end, size)
    const start = Math.ceil(end - rest(longest) / shares)
    return longest.limit(start) ? this.#part(start, end) : undefined
  }

  /** Reads with sessions that are free. */
  #help(): void {
    const { parallel } = this.options
    const { size } = this
    if (size === undefined || size < leastParallel) return
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
    const part = this.#nextPart()
    if (!part) {
      lease.release()
      return
    }
    part.begin(lease)
    const helping = this.#readPart(part, true)
      .catch((error: unknown) => {
        this.#failure ??= { error }
        for (const other of this.#open) void other.close()
      })
      .finally(() => this.#helpers.delete(helping))
    this.#helpers.add(helping)
  }
}
