import type { OnReadOpts, Socket } from 'node:net'
import { giveBack, largestSlab, slabFor, smallestSlab, takeSlab } from './slabs.js'

const reads = new WeakMap<Socket, DirectRead>()

/**
 * The bytes of a plain connection that we make, read by the system into memory of ours and handed on without the stream
 * layer in between, which costs more than all the rest. For TLS it is of no use: `tls.connect({ socket })` reads beneath it.
 *
 * Each read has a buffer of its own, so that nobody who has got a chunk holds memory that is still read into. What comes
 * before anybody takes it waits, and stops the reading.
 *
 * Source: Node, "Net", socket.connect, `onread`.
 */
export class DirectRead {
  /** For `net.connect`. */
  readonly onread: OnReadOpts = {
    buffer: () => (this.#buffer ??= takeSlab(this.#size)),
    callback: length => this.#read(length),
  }
  /** A file of some KiB costs one small slab; one that fills its slabs gets larger ones. */
  #size = smallestSlab
  #buffer: Buffer | undefined
  #early: Buffer[] = []
  #take: ((chunk: Buffer) => void) | undefined

  /** How a connection is read, where it is read in this way. */
  static of(socket: Socket): DirectRead | undefined {
    return reads.get(socket)
  }

  /** The connection has been made with `onread`. */
  reads(socket: Socket): void {
    reads.set(socket, this)
  }

  /** Hands over what has come; what comes later is handed over when it comes, once the connection is resumed. */
  begin(take: (chunk: Buffer) => void): void {
    this.#take = take
    for (const chunk of this.#early.splice(0)) take(chunk)
  }

  #read(length: number): boolean {
    const buffer = this.#buffer!
    const { length: room } = buffer
    let chunk = buffer.subarray(0, length)
    if (2 * length >= room) {
      this.#buffer = undefined
      if (length === room) this.#size = Math.min(4 * room, largestSlab)
    } else {
      // To copy a little costs less than to give so much memory away for it.
      chunk = Buffer.from(chunk)
      this.#size = slabFor(2 * length)
      if (this.#size < room) {
        giveBack([buffer])
        this.#buffer = undefined
      }
    }
    if (this.#take) this.#take(chunk)
    else this.#early.push(chunk)
    return this.#take !== undefined
  }
}
