import type net from 'node:net'
import { Duplex } from 'node:stream'

const headerLength = 5
const alert = 21
const applicationData = 23
// TLS 1.3 hides the type: two bytes of alert, the type and 8 or 16 bytes that authenticate them.
const hiddenAlerts = [11, 19]

/**
 * Lies between a connection and the TLS on it, and looks at the records that come. Node shows a
 * connection that ends without close_notify as one that ends in order (20 to 24): only the last
 * record tells, and that nothing is missing from it.
 */
export class TlsRecords extends Duplex {
  readonly #plain: net.Socket
  #header = Buffer.alloc(0)
  /** Bytes of the record that are still to come. */
  #left = 0
  #isAlert = false

  constructor(plain: net.Socket) {
    super({ allowHalfOpen: true })
    this.#plain = plain
    plain.on('data', (chunk: Buffer) => {
      this.#read(chunk)
      if (!this.push(chunk)) plain.pause()
    })
    plain.on('end', () => this.push(null))
    plain.on('error', error => this.destroy(error))
    plain.on('close', () => this.destroy())
  }

  /** The last record that came is whole, and an alert: close_notify, where no error follows. */
  get endsInOrder(): boolean {
    return this.#isAlert && this.#left === 0 && this.#header.length === 0
  }

  override _read(): void {
    this.#plain.resume()
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    this.#plain.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#plain.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#plain.destroy()
    done(error)
  }

  #read(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, rest.length)
        this.#left -= taken
        rest = rest.subarray(taken)
        continue
      }
      const more = rest.subarray(0, headerLength - this.#header.length)
      this.#header = Buffer.concat([this.#header, more])
      rest = rest.subarray(more.length)
      if (this.#header.length < headerLength) return
      const [type] = this.#header
      this.#left = this.#header.readUInt16BE(3)
      this.#isAlert = type === alert || (type === applicationData && hiddenAlerts.includes(this.#left))
      this.#header = Buffer.alloc(0)
    }
  }
}
