import { ReadableStream, type UnderlyingByteSource } from 'node:stream/web'
import { Call } from '../pool/call.js'
import { longRead, type FileVersion } from '../remote/read/file-version.js'
import { canRestart } from '../remote/read/prove-restart.js'
import { Reader } from '../remote/read/reader.js'
import type { ByteReader } from '../remote/read/transfer.js'
import { WholeFile } from '../remote/read/whole-file.js'
import type { Remote } from '../remote/remote.js'
import type { ByteString } from '../wire/names/names.js'
import type { PathOrder } from './path-order.js'

/** A file on the server, in the version that was opened. */
export class BlobSource {
  #whole: WholeFile | undefined

  constructor(
    readonly remote: Remote,
    readonly order: PathOrder,
    readonly path: ByteString,
    readonly facts: FileVersion,
  ) {}

  /** Opens the bytes from `start` to `end`, which is the position behind the last one. */
  async open(call: Call, start: number, end: number): Promise<ByteReader> {
    const { remote, path, facts } = this
    const ranges = start === 0 || (!this.#whole && (await canRestart(remote, call, path)))
    if (!ranges) {
      const spool = await this.#keep().fetch(call, { facts })
      return readerOf(spool.read(start, end))
    }
    // Only a read to the end of the file detects bytes behind its reported end.
    const last = end === facts.size ? Infinity : end - 1
    return new Reader(remote, call, path, { start, end: last, facts })
  }

  /** Keeps the fetched file until the FtpVfs closes, or until no readable slice is left. */
  #keep(): WholeFile {
    if (this.#whole) return this.#whole
    const { pool } = this.remote
    const whole = new WholeFile(this.remote, this.path)
    const end = (): void => void whole.dispose().finally(() => pool.end(life))
    const life = new Call(end)
    pool.begin(life)
    unused.register(this, end)
    return (this.#whole = whole)
  }
}

const unused = new FinalizationRegistry<() => void>(end => end())

function readerOf(chunks: AsyncGenerator<Buffer>): ByteReader {
  return {
    read: async () => ((await chunks.next()) as IteratorResult<Buffer, undefined>).value,
    close: async () => void (await chunks.return(undefined)),
  }
}

/**
 * A file on the server in the form of a Blob. It reads only requested bytes, each time from the
 * server.
 *
 * It is an `instanceof Blob`, and works as the body of a fetch, Request or Response. Consumers of
 * the internals of a Blob, and not of its methods, reject it with a TypeError: FormData, `new
 * Blob([blob])`, `new File([blob], name)`, URL.createObjectURL. They accept `new Blob([await
 * blob.arrayBuffer()])`. Reading throws NotReadableError (a DOMException with a `cause`) if the
 * file has changed since, or cannot be read. Source: Node, fs.openAsBlob; W3C File API.
 */
// Without `implements Blob`, which is another type in the library of browsers than in Node's.
export class RemoteBlob {
  /** In bytes. */
  readonly size: number
  /** The media type; '' if unknown. */
  readonly type: string
  readonly #source: BlobSource
  readonly #start: number

  constructor(source: BlobSource, size: number, type: string, start = 0) {
    this.#source = source
    this.#start = start
    this.size = size
    this.type = type
  }

  get [Symbol.toStringTag](): 'Blob' {
    return 'Blob'
  }

  /** A part of the blob. Negative positions count from its end. `end` is behind the last byte. */
  slice(start?: number, end?: number, type = ''): RemoteBlob {
    const from = this.#position(start ?? 0)
    const to = this.#position(end ?? this.size)
    const allowed = /[^\x20-\x7e]/.test(`${type}`) ? '' : `${type}`.toLowerCase()
    return new RemoteBlob(this.#source, Math.max(to - from, 0), allowed, this.#start + from)
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const all = new Uint8Array(this.size)
    let at = 0
    for await (const chunk of this.#chunks(this.#call())) {
      all.set(chunk, at)
      at += chunk.length
    }
    return all
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  /** A stream of the bytes, which reads from the server on demand. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const call = this.#call()
    const chunks = this.#chunks(call)
    const source: UnderlyingByteSource = {
      type: 'bytes',
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (!done) {
          controller.enqueue(value)
          return
        }
        controller.close()
        // Ends a pending read into the buffer of a BYOB reader, too.
        controller.byobRequest?.respond(0)
      },
      async cancel() {
        call.cancel(new Error('The stream was cancelled'))
        await chunks.return(undefined)
      },
    }
    return new ReadableStream(source, { highWaterMark: 0 }) as ReadableStream<Uint8Array<ArrayBuffer>>
  }

  /** Throws for a consumer that converts it to text, which would send `[object Blob]`. */
  [Symbol.toPrimitive](): never {
    throw new TypeError(
      'A Blob of a file on an FTP server can only be read by its methods: use new Blob([await blob.arrayBuffer()])',
    )
  }

  #position(value: number): number {
    const position = Math.trunc(Number(value)) || 0
    return position < 0 ? Math.max(this.size + position, 0) : Math.min(position, this.size)
  }

  /** A call that ends when the pool is closed, even if reading never resumes. */
  #call(): Call {
    const { pool } = this.#source.remote
    const call = new Call(reason => {
      call.cancel(reason)
      pool.end(call)
    })
    return call
  }

  async *#chunks(call: Call): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
    if (this.size === 0) return undefined
    const { remote, order, path } = this.#source
    const start = this.#start
    let reader: ByteReader | undefined
    const begin = async (): Promise<Buffer | undefined> => {
      reader = await this.#source.open(call, start, start + this.size)
      return reader.read()
    }
    try {
      remote.pool.begin(call)
      let left = this.size
      // Later calls wait only for the first chunk: reading may never resume.
      let chunk = await order.reserve(['read', path]).inTurn(call, begin)
      for (; chunk; chunk = await reader!.read()) {
        left -= chunk.length
        if (left < 0) throw longRead(this.size - left, this.size)
        // A copy, because the consumer may keep its memory, and that of the chunk is shared.
        yield new Uint8Array(chunk)
      }
      if (left > 0) throw new Error(`${this.size - left} of ${this.size} bytes came`)
    } catch (error) {
      throw notReadable(error)
    } finally {
      await reader?.close()
      remote.pool.end(call)
    }
    return undefined
  }
}

// Makes `instanceof Blob` hold, without the internals that only Node can create: a consumer of
// those finds none, and not an empty Blob.
Object.setPrototypeOf(RemoteBlob.prototype, Blob.prototype)

function notReadable(cause: unknown): DOMException {
  const error = new DOMException('The blob could not be read', 'NotReadableError')
  return Object.defineProperty(error, 'cause', {
    value: cause,
    configurable: true,
    enumerable: false,
    writable: true,
  })
}
