/** Bytes that can be read as often as needed. */
export interface Source {
  readonly size: number
  /** The bytes from a position on. A chunk is used no more when the next one is asked for. */
  read(position: number): AsyncIterable<Uint8Array>
}
