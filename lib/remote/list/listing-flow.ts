import type { Lease } from '../../pool/lease.js'
import type { Incoming } from '../../wire/data/incoming.js'
import type { Reply } from '../../wire/reply/replies.js'
import type { Memory, MemoryShare } from '../memory.js'
import { Spool } from '../spool.js'

// What waits in memory for a user who takes his time.
const maxWaiting = 256 * 1024

const lineFeed = 10

/** The bytes of a listing between the data connection and the parser. */
export class ListingFlow {
  /** The transfer has ended, and the session has been given back. */
  ended = false
  /** Bytes, and line ends among them, that have come. */
  bytes = 0
  lines = 0
  /** What came last is not a line end. */
  open = false
  readonly #spool: Spool
  /** For what waits in front of the spool. */
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
   * `isWhole`: whether nothing of the listing is still in the server, by its final reply. `ascii`:
   * the listing is in TYPE A, and the session is to be given back in TYPE I.
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
        // Whoever takes the entries hears of it with the next one, and may wait for a session
        // before.
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

  /** Takes what is still to come at once, so that the session can be given back. */
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

  /** Ends it, before the end of the listing too. Resolves when the session can be used again. */
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

  /** The server waits while the disk is slower than it is. */
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

/** Turns a session back to TYPE I; one that is lost on it is of no further use. */
export async function inBinary(session: Lease['session']): Promise<void> {
  await session.returnToType().catch(() => {})
}
