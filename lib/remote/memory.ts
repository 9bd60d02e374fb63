import { mayHold } from './may-hold.js'

/**
 * The memory of all that waits in an FtpVfs: what streams have read ahead, what writes and open
 * files have collected. What finds no room waits in a temporary file, or with the server: so
 * whoever holds memory waits for none, and there is no deadlock.
 */
export class Memory {
  /** Bytes that are held now. */
  used = 0

  /** `limit`: bytes of all together. */
  constructor(readonly limit: number) {}

  /** For a stream, a file or a listing. */
  share(): MemoryShare {
    return new MemoryShare(this)
  }
}

/** What one holds of a Memory. */
export class MemoryShare {
  held = 0

  constructor(readonly memory: Memory) {}

  /** Whether there is room for so many bytes more. */
  fits(bytes: number): boolean {
    const { limit, used } = this.memory
    return mayHold({ limit, used, held: this.held }, bytes)
  }

  /** Holds so many bytes more, if there is room for them. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false
    this.add(bytes)
    return true
  }

  /** Holds so many bytes more that have come already, or gives so many back. */
  add(bytes: number): void {
    this.held += bytes
    this.memory.used += bytes
  }

  /** Gives all back. */
  clear(): void {
    this.add(-this.held)
  }
}
