import type net from 'node:net'
import { Duplex } from 'node:stream'

const headerLength = 5
const alert = 21
const applicationData = 23
// TLS 1.3 encrypts the type: two bytes of alert, the type, and 8 or 16 bytes of authentication tag.
const hiddenAlerts = [11, 19]

/**
 * A layer between a connection and its TLS that inspects the incoming records. Node 20 to 24 report
 * a connection that ends without close_notify as an orderly end: only a complete alert as the last
 * record proves one.
 */
export class TlsRecords extends Duplex {
  readonly #plain: net.Socket
  #header = Buffer.alloc(0)
  /** Bytes of the current record that have not come yet. */
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

  /** Whether the last record is complete and an alert: close_notify, unless an error follows. */
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
