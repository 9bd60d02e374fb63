import { addAbortSignal, Writable } from 'node:stream'
import { Call } from '../pool/call.js'
import { closedError } from '../pool/pool-errors.js'
import type { Remote } from '../remote/remote.js'
import { withIncomplete } from '../remote/write/with-incomplete.js'
import { Writer, type WriterOptions } from '../remote/write/writer.js'
import { FtpError } from '../wire/ftp-errors.js'
import { failure } from './failure.js'
import type { PathOrder, Reservation, PathUse } from './path-order.js'
import type { CallPath } from './call-path.js'

/** Options of `createWriteStream`. Source: Node, "File system", fs.createWriteStream. */
export interface WriteStreamOptions {
  /**
   * `w` replaces, `wx` fails when the file exists, `a` and `ax` append, `r+` changes an existing
   * file. Default `w`.
   */
  flags?: string | undefined
  /** The encoding of strings. Default `utf8`. */
  encoding?: BufferEncoding | undefined
  /** The position of the first byte. Default 0. */
  start?: number | undefined
  /** How many bytes are buffered before `write` returns false. Default 256 KiB. */
  highWaterMark?: number | undefined
  /** Ends the stream with an AbortError. */
  signal?: AbortSignal | undefined
  /** Emits `close` at the end. Default true. */
  emitClose?: boolean | undefined
  /** Destroys the stream at its end or error. Default true. */
  autoClose?: boolean | undefined
  /** Accepted as in Node; a file is always stored and checked before `finish`. */
  flush?: boolean | undefined
}

/**
 * A writable stream to a file. Emits `finish` when the file is stored, `uploadDelay` has passed and
 * the file is proved to be what was sent.
 *
 * A stream that ends in an error leaves no incomplete file: it removes a file that differs from the
 * one before, unless the server has confirmed it. If a file stays, also after an append or a change
 * in place, the property `incomplete` of the error is its path on the server.
 */
export class WriteStream extends Writable {
  /** The path as it was given. */
  readonly path: string | Buffer
  bytesWritten = 0
  /**
   * True until the stream takes bytes. Before that, the server is asked only if the flags require
   * that the file exists, or does not exist.
   */
  pending = true
  readonly #writer: Writer
  readonly #call: Call
  readonly #remote: Remote
  readonly #order: PathOrder
  readonly #change: PathUse
  readonly #autoClose: boolean
  /** Its place in the order of calls while the conditions of the flags are checked. */
  readonly #opening: Reservation | undefined
  /** Its place from `end` on, or while an incomplete file is being removed. */
  #ending: Reservation | undefined
  #stored = false
  /** The error if the FtpVfs is closed, which rejects with it if the stream has no listener. */
  #closed: Error | undefined

  /** Throws ERR_FTP_CLOSED. */
  constructor(
    remote: Remote,
    order: PathOrder,
    target: CallPath,
    options: WriteStreamOptions & { writer: WriterOptions },
  ) {
    const {
      encoding = 'utf8',
      highWaterMark = 256 * 1024,
      signal,
      emitClose = true,
      autoClose = true,
    } = options
    const call = new Call((_, atOnce) => {
      // A stream that has ended is finished, as calls that have begun are.
      const finishing = this.writableEnded && !this.writableFinished && !this.errored
      if (atOnce || !finishing) this.#endWithVfs(atOnce)
    })
    // Throws before a stream exists that would begin.
    remote.pool.begin(call)
    super({
      defaultEncoding: encoding,
      decodeStrings: true,
      highWaterMark,
      emitClose,
      autoDestroy: autoClose,
    })
    this.path = target.raw
    this.#remote = remote
    this.#call = call
    this.#order = order
    this.#change = ['change', target.path]
    this.#autoClose = autoClose
    const onFailure = (error: Error): void => void this.destroy(this.#failure(error))
    this.#writer = new Writer(remote, call, target.path, { ...options.writer, onFailure })
    const { exclusive, mustExist } = options.writer
    if (exclusive || mustExist || target.folder) this.#opening = order.reserve(['read', target.path])
    // Last, because an aborted signal destroys the stream at once.
    if (signal) addAbortSignal(signal, this)
  }

  /** Ends the stream as `end` does; `callback` is called when it is closed. */
  close(callback?: (error?: Error | null) => void): void {
    if (callback) {
      if (this.closed) process.nextTick(callback)
      else this.once('close', callback)
    }
    if (!this.#autoClose) this.once('finish', () => this.destroy())
    this.end()
  }

  /** Ends the input, after a last chunk if one is given. Later calls see the new file. */
  override end(callback?: () => void): this
  override end(chunk: unknown, callback?: () => void): this
  override end(chunk: unknown, encoding?: BufferEncoding, callback?: () => void): this
  override end(...given: unknown[]): this {
    if (!this.writableEnded && !this.destroyed && !this.errored) this.#reserve()
    return super.end(...(given as [unknown, BufferEncoding, () => void]))
  }

  /** Ends the stream at once, with an error if one is given. */
  override destroy(error?: Error): this {
    // An incomplete file will be removed, and no later change of the path with it.
    if (!this.destroyed && !this.#stored) this.#reserve()
    // Ends the opening, too, for which a Writable waits before it is destroyed.
    this.#call.cancel(error ?? closedError())
    return super.destroy(error)
  }

  override _construct(callback: (error?: Error | null) => void): void {
    // The constructor must have returned.
    process.nextTick(() => {
      const open = (): Promise<void> => this.#writer.open()
      const opened = this.#opening ? this.#opening.inTurn(this.#call, open) : open()
      void opened.then(
        () => {
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

  override _write(chunk: Buffer, _: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#take([chunk], callback)
  }

  override _writev(chunks: { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    const buffers = chunks.map(({ chunk }) => chunk)
    const bytes = buffers.reduce((sum, { length }) => sum + length, 0)
    // Small chunks are joined. To copy large ones costs more than to write them one by one.
    this.#take(bytes < 16 * 1024 * buffers.length ? [Buffer.concat(buffers)] : buffers, callback)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#store().then(
      () => {
        this.#stored = true
        this.#ending?.leave()
        callback()
      },
      (error: unknown) => callback(this.#failure(error)),
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.#end(error).then(callback, callback)
  }

  /** Waits for its turn without blocking a session: a live one is given back when others wait. */
  async #store(): Promise<void> {
    await this.#ending!.turn(this.#call)
    await this.#writer.end()
  }

  #reserve(): void {
    if (!this.#ending || this.#ending.left) this.#ending = this.#order.reserve(this.#change)
  }

  #endWithVfs(atOnce: boolean): void {
    const error = closedError({ syscall: 'write', path: this.path.toString() })
    if (!atOnce) this.#closed = error
    this.destroy(this.writableFinished ? undefined : error)
  }

  async #end(error: Error | null): Promise<Error | null> {
    let lost: Error | undefined
    try {
      const ended = await this.#breakOff(error)
      if (!ended || error !== this.#closed || this.listenerCount('error') > 0) return ended
      lost = ended
      return null
    } finally {
      this.#ending?.leave()
      this.#remote.pool.end(this.#call, lost)
    }
  }

  async #breakOff(error: Error | null): Promise<Error | null> {
    if (this.#stored) return error
    const incomplete = await this.#writer.abort(() => this.#ending?.turn())
    if (incomplete === undefined) return error
    const message = `The upload of ${this.path.toString()} was broken off`
    return withIncomplete(error ?? new FtpError('ERR_FTP_INCOMPLETE', message), incomplete)
  }

  #take(chunks: Buffer[], callback: (error?: Error | null) => void): void {
    this.#write(chunks).then(
      () => callback(),
      (error: unknown) => callback(this.#failure(error)),
    )
  }

  async #write(chunks: Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      await this.#writer.write(chunk)
      this.bytesWritten += chunk.length
    }
  }

  #failure(error: unknown): Error {
    // Without autoClose, the stream may never be destroyed.
    if (!this.#autoClose) this.#ending?.leave()
    return failure(error, 'open', this.path.toString())
  }
}
