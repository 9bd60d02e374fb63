import type { OnReadOpts, Socket } from 'node:net'
import { giveBack, largestSlab, slabFor, smallestSlab, takeSlab } from './slabs.js'

const reads = new WeakMap<Socket, DirectRead>()

/**
 * Reads a plain passive data connection straight into our own buffers, without the stream layer,
 * which costs more than everything else. It cannot read TLS: `tls.connect({ socket })` reads below
 * it.
 *
 * Each chunk that is handed on has memory of its own, which no later read overwrites. Bytes that
 * arrive before `begin` wait, and stop further reads.
 *
 * Source: Node, "Net", socket.connect, `onread`.
 */
export class DirectRead {
  /** The option `onread` for `net.connect`. */
  readonly onread: OnReadOpts = {
    buffer: () => (this.#buffer ??= takeSlab(this.#size)),
    callback: length => this.#read(length),
  }
  /** A file of a few KiB costs one small slab; a transfer that fills its slabs gets larger ones. */
  #size = smallestSlab
  #buffer: Buffer | undefined
  #early: Buffer[] = []
  #take: ((chunk: Buffer) => void) | undefined

  /** The DirectRead of a connection, if it has one. */
  static of(socket: Socket): DirectRead | undefined {
    return reads.get(socket)
  }

  /** Registers the connection that was opened with `onread`. */
  reads(socket: Socket): void {
    reads.set(socket, this)
  }

  /**
   * Hands over the bytes that have come, and later bytes as they come. The caller resumes the
   * connection.
   */
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
      // Copying a few bytes costs less than giving away a slab for them.
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
