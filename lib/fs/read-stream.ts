import { addAbortSignal, Readable } from 'node:stream'
import { Call } from '../pool/call.js'
import { closedError } from '../pool/pool-errors.js'
import { reader } from '../remote/read/parallel-reader.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { statPath } from '../remote/stat/stat.js'
import type { ByteReader } from '../remote/read/transfer.js'
import { readFailure } from './failure.js'
import type { PathOrder, Reservation } from './path-order.js'
import type { CallPath } from './call-path.js'

/** Options of `createReadStream`. Source: Node, "File system", fs.createReadStream. */
export interface ReadStreamOptions {
  /** Only `r`. */
  flags?: string | undefined
  /** Chunks are strings of this encoding. Default: Buffers. */
  encoding?: BufferEncoding | undefined
  /** The first byte to read. Default 0. */
  start?: number | undefined
  /** The last byte to read, inclusive. Default: the end of the file. */
  end?: number | undefined
  /** The maximum size of a chunk, and of the buffered bytes. Default 64 KiB. */
  highWaterMark?: number | undefined
  /**
   * The maximum number of connections for a file of at least 4 MiB. Those beyond the first are used
   * only while no other call waits for them. Their bytes wait in memory, as far as `memoryLimit`
   * has room. Default 1.
   */
  parallel?: number | undefined
  /** Ends the stream with an AbortError. */
  signal?: AbortSignal | undefined
  /** Emits `close` at the end. Default true. */
  emitClose?: boolean | undefined
  /** Destroys the stream at its end or error. Default true. */
  autoClose?: boolean | undefined
}

/**
 * A readable stream of a file. Emits `end` when all bytes have come: the server has confirmed the
 * end, and the size agrees.
 */
export class ReadStream extends Readable {
  /** The path as it was given. */
  readonly path: string | Buffer
  readonly flags = 'r'
  bytesRead = 0
  /** True until the server has begun to send. */
  pending = true
  readonly #reader: ByteReader
  readonly #call: Call
  readonly #remote: Remote
  readonly #target: CallPath
  readonly #opening: Reservation
  readonly #chunkSize: number
  #rest: Buffer | undefined
  /** The error if the FtpVfs is closed. */
  #closed: Error | undefined

  /** Throws ERR_FTP_CLOSED. */
  constructor(
    remote: Remote,
    order: PathOrder,
    target: CallPath,
    options: ReadStreamOptions & { start: number; end: number },
  ) {
    const { encoding, highWaterMark = 64 * 1024, signal, emitClose = true, autoClose = true } = options
    const call = new Call(() => this.#endWithVfs())
    // Throws before a stream exists that would begin.
    remote.pool.begin(call)
    // With 0, a Readable would wait forever.
    super({ encoding, highWaterMark: Math.max(1, highWaterMark), emitClose, autoDestroy: autoClose })
    this.path = target.raw
    this.#remote = remote
    this.#target = target
    this.#call = call
    this.#chunkSize = highWaterMark || 64 * 1024
    // Left once it is open: later calls do not wait for a reader that may never resume.
    this.#opening = order.reserve(['read', target.path])
    this.#reader = reader(remote, call, target.path, options)
    // Last, because an aborted signal destroys the stream at once.
    if (signal) addAbortSignal(signal, this)
  }

  /** Ends the stream; `callback` is called when it is closed. */
  close(callback?: (error?: Error | null) => void): void {
    if (callback) this.once('close', callback)
    this.destroy()
  }

  /** Ends the stream at once, with an error if one is given. */
  override destroy(error?: Error): this {
    // Ends the opening, too, for which a Readable waits before it is destroyed.
    this.#call.cancel(error ?? closedError())
    return super.destroy(error)
  }

  override _construct(callback: (error?: Error | null) => void): void {
    // As early as Node opens the file, but after the constructor has returned.
    process.nextTick(() => {
      const opened = this.#opening.inTurn(this.#call, () => this.#open())
      void opened.then(
        chunk => {
          this.#rest = chunk ?? Buffer.alloc(0)
          this.pending = false
          callback()
          if (this.destroyed) return
          this.emit('open')
          this.emit('ready')
        },
        (error: unknown) => callback(this.destroyed ? null : this.#failure(error)),
      )
    })
  }

  async #open(): Promise<Buffer | undefined> {
    const { folder, path } = this.#target
    // Such a path can only name a folder, for which the reader then throws EISDIR.
    if (folder && (await statPath(this.#remote, this.#call, path)).type !== 'directory')
      throw new RefusedError('ENOTDIR')
    return this.#reader.read()
  }

  override _read(): void {
    const rest = this.#rest
    this.#rest = undefined
    // Asynchronously, because a push within _read is merged with the buffered bytes.
    const next = rest && rest.length > 0 ? Promise.resolve(rest) : this.#reader.read()
    void next.then(
      chunk => {
        if (this.destroyed) return
        if (chunk) this.#give(chunk)
        else this.push(null)
      },
      (error: unknown) => this.destroy(this.#failure(error)),
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.#reader
      .close()
      .finally(() => this.#remote.pool.end(this.#call))
      .then(() => callback(this.#isUnheard(error) ? null : error), callback)
  }

  #endWithVfs(): void {
    if (!this.readableEnded) this.#closed = closedError({ syscall: 'read', path: this.path.toString() })
    this.destroy(this.#closed)
  }

  /** An abandoned stream loses nothing, so the end of the FtpVfs must not crash the process. */
  #isUnheard(error: Error | null): boolean {
    return error !== null && error === this.#closed && this.listenerCount('error') === 0
  }

  #give(chunk: Buffer): void {
    let given = chunk.length > this.#chunkSize ? chunk.subarray(0, this.#chunkSize) : chunk
    if (given.length < chunk.length) this.#rest = chunk.subarray(given.length)
    // A copy, because a small waiting chunk would keep the whole memory that it is a part of.
    else if (4 * given.length <= chunk.buffer.byteLength) given = Buffer.from(given)
    this.bytesRead += given.length
    this.push(given)
  }

  #failure(error: unknown): Error {
    return readFailure(error, this.path.toString())
  }
}
