import type { Lease } from '../../pool/lease.js'
import type { Incoming } from '../../wire/data/incoming.js'
import type { Reply } from '../../wire/reply/replies.js'
import type { Memory, MemoryShare } from '../memory.js'
import { Spool } from '../spool.js'

// The maximum of bytes in memory that wait for a slow consumer.
const maxWaiting = 256 * 1024

const lineFeed = 10

/** Carries the bytes of a listing from the data connection to the parser. */
export class ListingFlow {
  /** The transfer has ended, and the session has been given back. */
  ended = false
  /** The numbers of bytes received, and of line ends among them. */
  bytes = 0
  lines = 0
  /** The last byte is not a line end. */
  open = false
  readonly #spool: Spool
  /** The share of the memory for the chunks in front of the spool. */
  readonly #share: MemoryShare
  #chunks: Buffer[] = []
  #incoming: Incoming | undefined
  /** Resolves when the session has been given back. */
  #settled: Promise<void> | undefined
  #lease: Lease | undefined
  #puttingBy = false
  #unwanted = false
  #spooling: Promise<void> = Promise.resolve()
  #wake: (() => void) | undefined
  #failure: Error | undefined

  constructor(spoolDirectory: string, memory: Memory) {
    this.#share = memory.share()
    this.#spool = new Spool(spoolDirectory, undefined, memory.share())
  }

  /**
   * `isWhole`: whether the server holds no rest of the listing, by its final reply. `ascii`: the
   * listing is in TYPE A, and the session returns to TYPE I before it is given back.
   */
  attach(incoming: Incoming, lease: Lease, ascii: boolean, isWhole: (reply: Reply) => boolean): void {
    this.#incoming = incoming
    this.#lease = lease
    const done = ascii ? incoming.done.finally(() => inBinary(lease.session)) : incoming.done
    this.#settled = done.then(
      replies => {
        this.ended = true
        this.#giveBack(lease, isWhole(replies.at(-1)!))
      },
      (error: Error) => {
        this.#failure ??= error
        // The consumer gets the error with the next entries, and may wait for a session before
        // that.
        this.#giveBack(lease, false)
      },
    )
  }

  push(chunk: Buffer): void {
    this.#count(chunk)
    if (this.#unwanted) return
    if (this.#puttingBy) {
      this.#spooling = this.#putOnDisk(chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#share.add(chunk.length)
    if (this.#share.held > maxWaiting || !this.#share.fits(chunk.length)) this.spool()
    this.#wake?.()
  }

  #count(chunk: Buffer): void {
    this.bytes += chunk.length
    this.open = chunk.at(-1) !== lineFeed
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) this.lines++
  }

  /** Receives the rest at once, so that the session can be given back. */
  spool(): void {
    this.#puttingBy = true
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      this.#throwIfFailed()
      const chunk = this.#chunks.shift()
      if (chunk) {
        this.#share.add(-chunk.length)
        yield chunk
      } else if (this.ended) {
        await this.#spooling
        this.#throwIfFailed()
        yield* this.#spool.read()
        return
      } else {
        await new Promise<void>(resolve => (this.#wake = resolve))
      }
    }
  }

  /**
   * Ends the flow, even before the end of the listing. Resolves when the session can be used again.
   */
  async dispose(): Promise<void> {
    this.#unwanted = true
    if (!this.ended) await this.#breakOff()
    await this.#settled
    await this.#spooling
    this.#chunks = []
    this.#share.clear()
    await this.#spool.dispose()
  }

  async #breakOff(): Promise<void> {
    if (!this.#lease?.session.server.quirks.spoilsNextListing) {
      await this.#incoming?.stop()
      return
    }
    this.#incoming?.resume()
    await this.#incoming?.done.catch(() => {})
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure
  }

  /** Pauses the server while the disk is slower than the network. */
  async #putOnDisk(chunk: Buffer): Promise<void> {
    this.#incoming?.pause()
    try {
      await this.#spooling
      await this.#spool.append(chunk)
    } catch (error) {
      this.fail(error as Error)
    }
    if (!this.ended) this.#incoming?.resume()
  }

  #giveBack(lease: Lease, whole: boolean): void {
    const { session } = lease
    if (!whole && session.server.quirks.spoilsNextListing) session.close()
    lease.release()
    this.#wake?.()
  }
}

/** Returns a session to TYPE I. A session lost at this step is of no further use anyway. */
export async function inBinary(session: Lease['session']): Promise<void> {
  await session.returnToType().catch(() => {})
}
