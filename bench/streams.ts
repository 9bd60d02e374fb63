import { randomBytes } from 'node:crypto'
import { Readable, Writable } from 'node:stream'

// What fs.createReadStream gives.
const chunk = randomBytes(64 * 1024)

/** So many bytes from memory, which cost nothing to make. */
export function generated(bytes: number): Readable {
  let left = bytes
  return new Readable({
    read() {
      if (left === 0) return void this.push(null)
      const next = chunk.subarray(0, left)
      left -= next.length
      this.push(next)
    },
  })
}

/** Counts bytes and drops them. */
export class CountingSink extends Writable {
  bytes = 0

  override _write(chunk: Buffer, _: BufferEncoding, callback: () => void): void {
    this.bytes += chunk.length
    callback()
  }
}
