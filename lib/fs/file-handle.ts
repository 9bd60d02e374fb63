import { errorMonitor, EventEmitter } from 'node:events'
import type { ReadStream, WriteStream } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { finished } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { Call } from '../pool/call.js'
import { closedError } from '../pool/pool-errors.js'
import {
  checkAborted,
  checkSignal,
  encodingOption,
  integerArgument,
  modeArgument,
  optionsArgument,
  pathArgument,
  timeArgument,
} from '../node/arguments.js'
import type { Descriptors } from '../node/descriptors.js'
import { abortError, invalidArgType, nodeError } from '../node/node-errors.js'
import { fileData, isWhole, wholeData, type FileData } from '../node/file-data.js'
import {
  readStreamOf,
  writeStreamOf,
  type FileReadStreamOptions,
  type FileWriteStreamOptions,
  type StreamedFile,
} from '../node/file-streams.js'
import { fileWebStream } from '../node/file-web-stream.js'
import {
  ownerArgument,
  readArguments,
  vectorArguments,
  writeArguments,
  type ReadOptions,
  type WriteOptions,
} from '../node/io-arguments.js'
import type { QueuedFile } from './queued-file.js'
import { toStats, type BigIntStats, type StatOptions, type Stats } from './stats.js'
import { checkFlush } from './stream-options.js'

type View = NodeJS.ArrayBufferView
type Time = number | string | Date

/** Options of `filehandle.readFile`. */
export interface FileHandleReadOptions {
  encoding?: BufferEncoding | null | undefined
  signal?: AbortSignal | undefined
}

/** Options of `filehandle.writeFile` and `appendFile`. */
export interface FileHandleWriteOptions {
  encoding?: BufferEncoding | null | undefined
  signal?: AbortSignal | undefined
  /**
   * Store and check the file before the promise is fulfilled. Default false: `sync` and `close` do
   * that.
   */
  flush?: boolean | undefined
}

/** A reader or writer that uses the file for some time, and ends with it. */
interface User {
  /** The file is closed. */
  close(): void
  /**
   * The FtpVfs is closed, or destroyed (`atOnce`). Returns an error for lost bytes, unless it is
   * reported elsewhere.
   */
  end(reason: Error, atOnce: boolean): Error | void
  /** Settles when the writer has finished, if its input has ended. */
  finishing?(): Promise<unknown> | undefined
}

/**
 * An open file: Node's `FileHandle`. Emits `close` when it is closed.
 *
 * Writes are kept here, where reads of this handle see them. `sync`, `datasync` and `close` store
 * them on the server, check the size there, and reject with the errors of the upload. Other clients
 * see the writes only then. Operations run in the order of their calls.
 *
 * Source: Node, "File system", class FileHandle.
 */
export class FileHandle extends EventEmitter {
  readonly #file: QueuedFile
  readonly #descriptors: Descriptors<FileHandle>
  readonly #users = new Set<User>()
  #fd: number
  #locked = false
  #closing: Promise<void> | undefined
  #released: (() => void) | undefined

  /** Created by `open`. `whenEnding`: registers a function for the end of the FtpVfs. */
  constructor(
    file: QueuedFile,
    descriptors: Descriptors<FileHandle>,
    whenEnding: (end: (reason: Error, atOnce: boolean) => void) => void,
  ) {
    super()
    this.#file = file
    this.#descriptors = descriptors
    this.#fd = descriptors.add(this)
    whenEnding((reason, atOnce) => this.#end(reason, atOnce))
  }

  /** The descriptor: from 2^30 up, so that it is never one of this process, and -1 once closed. */
  get fd(): number {
    return this.#fd
  }

  /** As `writeFile`. */
  async appendFile(data: FileData, options?: BufferEncoding | FileHandleWriteOptions | null): Promise<void> {
    return this.writeFile(data, options)
  }

  /**
   * Stores the pending writes, then sets the permission bits (SITE CHMOD).
   *
   * @throws ENOTSUP if the server has no such command
   */
  async chmod(mode: number | string): Promise<void> {
    this.#check('fchmod')
    return this.#file.setMode(modeArgument(mode))
  }

  /** Always rejects with ENOTSUP: FTP has no command for the owner. */
  async chown(uid: number, gid: number): Promise<void> {
    this.#check('fchown')
    ownerArgument(uid, 'uid')
    ownerArgument(gid, 'gid')
    return this.#file.setOwner()
  }

  /**
   * Ends streams over the file, then stores the pending writes, checks them, and frees the
   * descriptor, whatever the outcome. Rejects with the error of the upload. A second call during
   * the first returns the same promise; later calls do nothing.
   */
  close = (): Promise<void> => {
    if (this.#closing) return this.#closing
    if (this.#fd === -1) return Promise.resolve()
    const closed = this.#users.size === 0 ? this.#close() : this.#whenReleased().then(() => this.#close())
    this.#closing = closed.finally(() => (this.#closing = undefined))
    this.emit('close')
    for (const user of [...this.#users]) user.close()
    return this.#closing
  }

  /**
   * Creates a readable stream from the current position, or from `start`, on. At its end it closes
   * the file, unless `autoClose` is false.
   */
  createReadStream(options?: FileReadStreamOptions): ReadStream {
    let release = (): void => {}
    const stream = readStreamOf(
      this.#streamed(() => release()),
      this.#fd,
      options,
    )
    release = this.#use({
      close: () => stream.destroy(),
      end: () => endReading(stream, this.#file.target.given),
    })
    return stream
  }

  /**
   * Creates a writable stream from the current position, or from `start`, on. `finish` means stored
   * and checked. At its end it closes the file, unless `autoClose` is false. As in Node, a stream
   * that ends in an error keeps what it has written.
   */
  createWriteStream(options?: FileWriteStreamOptions): WriteStream {
    let release = (): void => {}
    const stream = writeStreamOf(
      this.#streamed(() => release()),
      this.#fd,
      options,
    )
    const ended = (): boolean => stream.writableFinished || stream.errored !== null
    release = this.#use({
      close: () => {
        if (ended()) return void stream.destroy()
        // Without autoClose an error does not destroy it, and the handle would wait forever.
        stream.once(errorMonitor, () => stream.destroy())
        stream.close()
      },
      end: (_, atOnce) => endWriting(stream, this.#file.target.given, atOnce),
      finishing: () => (stream.writableEnded && !ended() ? finished(stream) : undefined),
    })
    return stream
  }

  /** As `sync`. */
  async datasync(): Promise<void> {
    this.#check('fdatasync')
    return this.#file.store('fdatasync')
  }

  /** Reads bytes into a buffer. `bytesRead` is 0 at the end of the file. */
  async read<T extends View = Buffer>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<{ bytesRead: number; buffer: T }>
  async read<T extends View = Buffer>(
    buffer: T,
    options?: Omit<ReadOptions, 'buffer'> | null,
  ): Promise<{ bytesRead: number; buffer: T }>
  async read<T extends View = Buffer>(
    options?: ReadOptions<T> | null,
  ): Promise<{ bytesRead: number; buffer: T }>
  async read(...given: unknown[]): Promise<{ bytesRead: number; buffer: View }> {
    this.#check('read')
    const { buffer, into, position } = readArguments(...given)
    if (into.length === 0) return { bytesRead: 0, buffer }
    return { bytesRead: await this.#file.read([into], position), buffer }
  }

  /** Reads all bytes from the current position on, or their text if an encoding is given. */
  async readFile(options?: ({ encoding?: null | undefined } & FileHandleReadOptions) | null): Promise<Buffer>
  async readFile(
    options: BufferEncoding | ({ encoding: BufferEncoding } & FileHandleReadOptions),
  ): Promise<string>
  async readFile(options?: BufferEncoding | FileHandleReadOptions | null): Promise<string | Buffer>
  async readFile(options?: BufferEncoding | FileHandleReadOptions | null): Promise<string | Buffer> {
    this.#check('readFile')
    const encoding = encodingOption(options)
    const { signal } = optionsArgument<FileHandleReadOptions>(options)
    const bytes = await untilAborted(signal, () => this.#file.readAll(signal))
    return encoding === undefined || encoding === 'buffer' ? bytes : bytes.toString(encoding)
  }

  /**
   * Reads lines from the current position on. Closes the file after the last line, as
   * `createReadStream` does.
   */
  readLines(options?: FileReadStreamOptions): Interface {
    return createInterface({ input: this.createReadStream(options), crlfDelay: Infinity })
  }

  /**
   * Creates a web byte stream of the bytes from the current position on. A handle can have only
   * one.
   *
   * @param options.autoClose close the file when the stream ends. Default false.
   *
   * @throws ERR_INVALID_STATE if the handle is closed, or has had a web stream
   */
  readableWebStream(
    options: { type?: 'bytes' | undefined; autoClose?: boolean | undefined } = {},
  ): ReadableStream {
    if (this.#fd === -1) throw invalidState('The FileHandle is closed')
    if (this.#closing) throw invalidState('The FileHandle is closing')
    if (this.#locked) throw invalidState('The FileHandle is locked')
    const { type, autoClose = false } = options
    if (type !== undefined && typeof type !== 'string') {
      throw invalidArgType('options.type', 'of type string', type)
    }
    if (typeof autoClose !== 'boolean')
      throw invalidArgType('options.autoClose', 'of type boolean', autoClose)
    this.#locked = true
    const finish = (): Promise<void> => (autoClose ? this.close() : Promise.resolve())
    const { stream, close, fail } = fileWebStream(
      into => this.#file.read([into], null),
      () => release(),
      finish,
    )
    const release = this.#use({ close, end: fail })
    return stream
  }

  /** Fills buffers in sequence. `position` null: the current position. */
  async readv<T extends readonly View[]>(
    buffers: T,
    position?: number | null,
  ): Promise<{ bytesRead: number; buffers: T }> {
    this.#check('readv')
    const { parts, position: from } = vectorArguments(buffers, position)
    return { bytesRead: await this.#file.read(parts, from), buffers }
  }

  /** Resolves with the facts of the file as this handle sees it, including pending writes. */
  async stat(options?: { bigint?: false | undefined } | null): Promise<Stats>
  async stat(options: { bigint: true }): Promise<BigIntStats>
  async stat(options?: StatOptions | null): Promise<Stats | BigIntStats>
  async stat(options?: StatOptions | null): Promise<Stats | BigIntStats> {
    this.#check('fstat')
    return toStats(await this.#file.stat(), this.#file.target.path, options ?? {})
  }

  /** Stores and checks the pending writes. */
  async sync(): Promise<void> {
    this.#check('fsync')
    return this.#file.store('fsync')
  }

  /** Truncates the file, or extends it with zeros. */
  async truncate(len = 0): Promise<void> {
    this.#check('ftruncate')
    return this.#file.truncate(Math.max(0, integerArgument(len, 'len')))
  }

  /**
   * Stores the pending writes, then sets the time of the last change, in whole seconds.
   *
   * @throws ENOTSUP if the server has no MFMT
   */
  async utimes(atime: Time, mtime: Time): Promise<void> {
    this.#check('futimes')
    timeArgument(atime, 'atime')
    return this.#file.setTime(timeArgument(mtime, 'mtime'))
  }

  /**
   * Writes bytes of a buffer, or a string. With the flag `a` they go to the end, whatever the
   * position.
   */
  async write<T extends View>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffer: T }>
  async write<T extends View>(
    buffer: T,
    options?: WriteOptions | null,
  ): Promise<{ bytesWritten: number; buffer: T }>
  async write(
    data: string,
    position?: number | null,
    encoding?: BufferEncoding | null,
  ): Promise<{ bytesWritten: number; buffer: string }>
  async write(
    data: View | string,
    ...given: unknown[]
  ): Promise<{ bytesWritten: number; buffer: View | string }> {
    this.#check('write')
    const { bytes, position } = writeArguments(data, ...given)
    return { bytesWritten: await this.#file.write([bytes], position), buffer: data }
  }

  /** Writes from the current position on. Bytes behind the written ones stay. */
  async writeFile(data: FileData, options?: BufferEncoding | FileHandleWriteOptions | null): Promise<void> {
    this.#check('writeFile')
    const encoding = (encodingOption(options) as BufferEncoding | undefined) ?? 'utf8'
    const { signal, flush } = optionsArgument<FileHandleWriteOptions>(options)
    checkFlush(flush)
    const write = isWhole(data)
      ? () => this.#file.write([wholeData(data, encoding)], null)
      : this.#writing(fileData(data, encoding))
    await untilAborted<unknown>(signal, write)
    if (flush) await this.#file.store('fsync')
  }

  /** Writes buffers in sequence. `position` null: the current position. */
  async writev<T extends readonly View[]>(
    buffers: T,
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffers: T }> {
    this.#check('writev')
    const { parts, position: from } = vectorArguments(buffers, position)
    return { bytesWritten: await this.#file.write(parts, from), buffers }
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Throws Node's error, with its text, if the file is closed. */
  #check(syscall: string): void {
    if (this.#fd === -1) throw Object.assign(new Error('file closed'), { code: 'EBADF', syscall })
  }

  #close(): Promise<void> {
    this.#descriptors.delete(this.#fd)
    this.#fd = -1
    return this.#file.close()
  }

  #whenReleased(): Promise<void> {
    return new Promise(resolve => (this.#released = resolve))
  }

  /** Keeps the file open for the user until the returned function is called. */
  #use(user: User): () => void {
    this.#users.add(user)
    return () => {
      this.#users.delete(user)
      if (this.#users.size === 0) this.#released?.()
    }
  }

  #streamed(release: () => void): StreamedFile {
    return {
      read: (buffer, offset, length, position) => this.read(buffer, offset, length, position),
      write: (buffer, offset, length, position) => this.write(buffer, offset, length, position),
      writev: (buffers, position) => this.writev(buffers, position),
      sync: () => this.sync(),
      close: () => {
        release()
        return this.close()
      },
    }
  }

  /** Each chunk has its own turn, because the source of the chunks may use the file itself. */
  #writing(chunks: AsyncIterable<Uint8Array>): (call: Call) => Promise<void> {
    return async call => {
      const release = this.#use({ close: () => {}, end: reason => call.cancel(reason) })
      try {
        for await (const chunk of call.eachUntilCancelled(chunks)) await this.#file.write([chunk], null)
      } finally {
        release()
      }
    }
  }

  /** The FtpVfs closes. Streams whose input has ended are finished, unless it is destroyed. */
  #end(reason: Error, atOnce: boolean): void {
    const finishing: Promise<unknown>[] = []
    let lost: Error | undefined
    for (const user of [...this.#users]) {
      const end = atOnce ? undefined : user.finishing?.()
      if (end) finishing.push(end)
      else lost = user.end(reason, atOnce) ?? lost
    }
    void Promise.allSettled(finishing).then(() => {
      if (this.#closing || this.#fd === -1) return
      this.#descriptors.delete(this.#fd)
      this.#file.end(lost)
    })
  }
}

/**
 * Ends a stream when the FtpVfs is closed. A reader loses nothing, so without an `error` listener
 * the process must not crash.
 */
function endReading(stream: ReadStream, path: string): void {
  if (stream.listenerCount('error') === 0) stream.on('error', () => {})
  stream.destroy(stream.readableEnded ? undefined : closedError({ syscall: 'read', path }))
}

/** As `endReading`; returns what is lost where nothing listens. */
function endWriting(stream: WriteStream, path: string, atOnce: boolean): Error | undefined {
  const error = stream.writableFinished ? undefined : closedError({ syscall: 'write', path })
  const heard = atOnce || stream.listenerCount('error') > 0
  if (!heard) stream.on('error', () => {})
  stream.destroy(error)
  return heard ? undefined : error
}

/**
 * Checks a path or handle. The promise API takes no descriptors, which may belong to other files.
 *
 * @throws ERR_INVALID_ARG_TYPE
 */
export function noDescriptor<T>(path: T): T {
  if (typeof path === 'number') pathArgument(path)
  return path
}

/** Does the work. Rejects as soon as the signal aborts or the call is cancelled. */
async function untilAborted<T>(
  signal: AbortSignal | undefined,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  checkSignal(signal)
  checkAborted(signal)
  const call = new Call()
  const abort = (): void => call.cancel(abortError(signal))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await call.untilCancelled(work(call))
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

function invalidState(text: string): Error {
  return nodeError(new Error(`Invalid state: ${text}`), 'ERR_INVALID_STATE', invalidState)
}
