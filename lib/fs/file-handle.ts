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
   * Store and check the file before the promise is fulfilled. Default false: that is done by `sync`
   * and `close`.
   */
  flush?: boolean | undefined
}

/** What reads or writes the file over a time, and ends with it. */
interface User {
  /** The file is closed. */
  close(): void
  /**
   * The FtpVfs is closed, or destroyed (`atOnce`). Returns what was lost, and is told nowhere else.
   */
  end(reason: Error, atOnce: boolean): Error | void
  /** Settles at its end, when it has been given all that it is to write. */
  finishing?(): Promise<unknown> | undefined
}

/**
 * An open file: Node's `FileHandle`. `close` is emitted when it is closed.
 *
 * What is written is kept here, and seen by reads of this handle. It is stored on the server, and
 * its size checked there, by `sync`, `datasync` and `close`: others see it then, and their errors
 * are those of the upload. Operations are carried out in the order in which they are called.
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

  /** Made by `open`. `whenEnding`: takes what is to be done when the FtpVfs closes. */
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

  /** Its number, from 2^30 up, so that it is never one of this process; -1 once it is closed. */
  get fd(): number {
    return this.#fd
  }

  /** As `writeFile`. */
  async appendFile(data: FileData, options?: BufferEncoding | FileHandleWriteOptions | null): Promise<void> {
    return this.writeFile(data, options)
  }

  /**
   * Stores what was written, then sets the permission bits (SITE CHMOD). Throws ENOTSUP where the
   * server has no such command.
   */
  async chmod(mode: number | string): Promise<void> {
    this.#check('fchmod')
    return this.#file.setMode(modeArgument(mode))
  }

  /** Throws ENOTSUP: FTP has no command for it. */
  async chown(uid: number, gid: number): Promise<void> {
    this.#check('fchown')
    ownerArgument(uid, 'uid')
    ownerArgument(gid, 'gid')
    return this.#file.setOwner()
  }

  /**
   * Ends streams over the file, then stores what was written, checks it, and frees the number,
   * whatever the outcome. Its error is that of the upload. Called again, it has the same outcome
   * while it lasts, and does nothing later.
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
   * A readable stream from the current position, or `start`, on. At its end it closes the file,
   * unless `autoClose` is false.
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
   * A writable stream from the current position, or `start`, on; `finish` means stored and checked.
   * At its end it closes the file, unless `autoClose` is false. As in Node, a stream that ends in
   * an error leaves what it has written.
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
        // Without autoClose an error leaves it as it is, and the handle would wait for it for ever.
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

  /** Puts bytes into a buffer; `bytesRead` 0 is the end of the file. */
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

  /** All bytes from the current position on, or their text. */
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
   * The lines from the current position on; the file is closed behind the last one, as by
   * `createReadStream`.
   */
  readLines(options?: FileReadStreamOptions): Interface {
    return createInterface({ input: this.createReadStream(options), crlfDelay: Infinity })
  }

  /**
   * The bytes from the current position on as a web stream, which is a byte stream. There can be
   * one of a handle.
   *
   * @param options.autoClose close the file when the stream ends. Default false.
   *
   * @throws ERR_INVALID_STATE when the handle is closed, or has had one
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

  /** Fills buffers one after the other. `position` null is the current one. */
  async readv<T extends readonly View[]>(
    buffers: T,
    position?: number | null,
  ): Promise<{ bytesRead: number; buffers: T }> {
    this.#check('readv')
    const { parts, position: from } = vectorArguments(buffers, position)
    return { bytesRead: await this.#file.read(parts, from), buffers }
  }

  /**
   * What is there, with what was written here: its size is that of the file as this handle sees it.
   */
  async stat(options?: { bigint?: false | undefined } | null): Promise<Stats>
  async stat(options: { bigint: true }): Promise<BigIntStats>
  async stat(options?: StatOptions | null): Promise<Stats | BigIntStats>
  async stat(options?: StatOptions | null): Promise<Stats | BigIntStats> {
    this.#check('fstat')
    return toStats(await this.#file.stat(), this.#file.target.path, options ?? {})
  }

  /** Stores what was written, and checks it. */
  async sync(): Promise<void> {
    this.#check('fsync')
    return this.#file.store('fsync')
  }

  /** Makes the file shorter, or longer with zeros. */
  async truncate(len = 0): Promise<void> {
    this.#check('ftruncate')
    return this.#file.truncate(Math.max(0, integerArgument(len, 'len')))
  }

  /**
   * Stores what was written, then sets the time of the last change, to whole seconds. Throws
   * ENOTSUP where the server has no MFMT.
   */
  async utimes(atime: Time, mtime: Time): Promise<void> {
    this.#check('futimes')
    timeArgument(atime, 'atime')
    return this.#file.setTime(timeArgument(mtime, 'mtime'))
  }

  /**
   * Writes bytes of a buffer, or a string. With flag `a` they go to the end, whatever the position.
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

  /** Writes from the current position on; what lies behind stays. */
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

  /** Writes buffers one after the other. `position` null is the current one. */
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

  /** Node's own error, of its own text. */
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

  /** The file stays open for it until what is returned is called. */
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

  /** Each chunk has a turn of its own: what gives them may use the file itself. */
  #writing(chunks: AsyncIterable<Uint8Array>): (call: Call) => Promise<void> {
    return async call => {
      const release = this.#use({ close: () => {}, end: reason => call.cancel(reason) })
      try {
        for await (const chunk of call.eachWanted(chunks)) await this.#file.write([chunk], null)
      } finally {
        release()
      }
    }
  }

  /** The FtpVfs closes: what has been ended or closed is finished, unless all ends at once. */
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
 * The FtpVfs is closed. Nothing is lost where nothing listens, and the process is not to end with
 * it.
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
 * A path or a handle: the promise face takes no numbers, which may be those of other files. Throws
 * ERR_INVALID_ARG_TYPE.
 */
export function noDescriptor<T>(path: T): T {
  if (typeof path === 'number') pathArgument(path)
  return path
}

/** Does the work; rejects at once when the signal aborts, or else the call is cancelled. */
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
    return await call.whileWanted(work(call))
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

function invalidState(text: string): Error {
  return nodeError(new Error(`Invalid state: ${text}`), 'ERR_INVALID_STATE', invalidState)
}
