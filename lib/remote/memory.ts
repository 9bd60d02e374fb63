import { mayHold } from './may-hold.js'

/**
 * The memory for all waiting bytes of an FtpVfs: those that streams have read ahead, and those that
 * writes and open files have collected. Bytes without room wait in a temporary file, or on the
 * server. So no holder of memory waits for memory, and no deadlock is possible.
 */
export class Memory {
  /** Bytes held now. */
  used = 0

  /** `limit`: the maximum of all shares together, in bytes. */
  constructor(readonly limit: number) {}

  /** A share for a stream, a file or a listing. */
  share(): MemoryShare {
    return new MemoryShare(this)
  }
}

/** The part of a Memory that one holder has. */
export class MemoryShare {
  held = 0

  constructor(readonly memory: Memory) {}

  /** Whether so many more bytes have room. */
  fits(bytes: number): boolean {
    const { limit, used } = this.memory
    return mayHold({ limit, used, held: this.held }, bytes)
  }

  /** Takes so many more bytes, if they have room. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false
    this.add(bytes)
    return true
  }

  /** Adds bytes that have come already, room or not. A negative number gives bytes back. */
  add(bytes: number): void {
    this.held += bytes
    this.memory.used += bytes
  }

  /** Gives all bytes back. */
  clear(): void {
    this.add(-this.held)
  }
}
