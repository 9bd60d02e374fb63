/** Bytes that can be read as often as needed. */
export interface Source {
  /** What is read later may have another size until it is open. */
  readonly size: number
  /**
   * Called with a session at hand, before the server is told of the file: what has to be held for
   * its bytes, as a descriptor.
   */
  open?(): Promise<void>
  /** Called when the session is given back, if `open` was. */
  close?(): Promise<void>
  /** The bytes from a position on. A chunk is used no more when the next one is asked for. */
  read(position: number): AsyncIterable<Uint8Array>
  /** Called when so many of the bytes have been sent. What it throws ends the upload. */
  onSent?: ((bytes: number) => void) | undefined
}

/**
 * The bytes of a caller, who leaves them alone until the call has ended: no copy of them is made.
 */
export class BufferSource implements Source {
  constructor(readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.length
  }

  async *read(position: number): AsyncGenerator<Uint8Array> {
    if (position < this.bytes.length) yield this.bytes.subarray(position)
  }
}
