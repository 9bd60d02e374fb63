/** Bytes that can be read as often as needed. */
export interface Source {
  /** In bytes. It may change until `open`, for a source that is read later. */
  readonly size: number
  /**
   * Acquires what reading needs, such as a descriptor. Called when a session is available, before
   * the server learns of the file.
   */
  open?(): Promise<void>
  /** Called when the session is given back, if `open` was called. */
  close?(): Promise<void>
  /** Yields the bytes from `position` on. A chunk is valid until the next one is requested. */
  read(position: number): AsyncIterable<Uint8Array>
  /** Called with the number of bytes sent so far. An error that it throws ends the upload. */
  onSent?: ((bytes: number) => void) | undefined
}

/** The bytes of a caller, without a copy: the caller must not change them until the call ends. */
export class BufferSource implements Source {
  constructor(readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.length
  }

  async *read(position: number): AsyncGenerator<Uint8Array> {
    if (position < this.bytes.length) yield this.bytes.subarray(position)
  }
}
