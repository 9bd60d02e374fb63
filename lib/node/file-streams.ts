import * as fs from 'node:fs'

/** What the streams ask of an open file; `sync` stores what was written. */
export interface StreamedFile {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number | undefined,
  ): Promise<{ bytesRead: number }>
  write(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number | undefined,
  ): Promise<{ bytesWritten: number }>
  writev(buffers: Buffer[], position: number | undefined): Promise<{ bytesWritten: number }>
  sync(): Promise<void>
  close(): Promise<void>
}

/** Options of `filehandle.createReadStream`. Source: Node, "File system", filehandle.createReadStream. */
export interface FileReadStreamOptions {
  /** Chunks are strings of this encoding. Default: Buffers. */
  encoding?: BufferEncoding | undefined
  /** The first byte to read. Default: the current position, which moves on. */
  start?: number | undefined
  /** The last byte to read, inclusive; without `start`, how many bytes less one. Default: the end of the file. */
  end?: number | undefined
  /** The most bytes of a chunk, and how many are buffered. Default 64 KiB. */
  highWaterMark?: number | undefined
  /** Emit `close` at the end. Default true. */
  emitClose?: boolean | undefined
  /** Close the file at the stream's end or error. Default true. */
  autoClose?: boolean | undefined
  /** Ends the stream with an AbortError. */
  signal?: AbortSignal | undefined
}

/** Options of `filehandle.createWriteStream`. Source: Node, "File system", filehandle.createWriteStream. */
export interface FileWriteStreamOptions {
  /** The encoding of strings. Default `utf8`. */
  encoding?: BufferEncoding | undefined
  /** The position of the first byte. Default: the current position, which moves on. */
  start?: number | undefined
  /** How many bytes are buffered before `write` returns false. Default 16 KiB. */
  highWaterMark?: number | undefined
  /** Emit `close` at the end. Default true. */
  emitClose?: boolean | undefined
  /** Close the file at the stream's end or error. Default true. */
  autoClose?: boolean | undefined
  /** Ends the stream with an AbortError. */
  signal?: AbortSignal | undefined
  /** Accepted as in Node; a file is always stored and checked before `finish`. */
  flush?: boolean | undefined
}

type Callback = (error: unknown, ...results: unknown[]) => void

/** Node's own stream, over a file of ours: its documented option `fs` takes the calls. */
export function readStreamOf(
  file: StreamedFile,
  fd: number,
  options: FileReadStreamOptions | undefined,
): fs.ReadStream {
  const given = { ...options, fd, fs: operations(file) }
  return fs.createReadStream('', given as unknown as Parameters<typeof fs.createReadStream>[1])
}

/** As readStreamOf. `finish` comes when all is stored and checked. */
export function writeStreamOf(
  file: StreamedFile,
  fd: number,
  options: FileWriteStreamOptions | undefined,
): fs.WriteStream {
  const final = (callback: Callback): void => answer(file.sync(), callback)
  const given = { ...options, fd, fs: operations(file), final }
  return fs.createWriteStream('', given as unknown as Parameters<typeof fs.createWriteStream>[1])
}

function operations(file: StreamedFile): object {
  return {
    // The file is open.
    open: () => {},
    read: (
      _: number,
      buffer: Buffer,
      offset: number,
      length: number,
      position: number | undefined,
      callback: Callback,
    ) =>
      answer(file.read(buffer, offset, length, position), callback, ({ bytesRead }) => [bytesRead, buffer]),
    write: (
      _: number,
      buffer: Buffer,
      offset: number,
      length: number,
      position: number | undefined,
      callback: Callback,
    ) =>
      answer(file.write(buffer, offset, length, position), callback, ({ bytesWritten }) => [
        bytesWritten,
        buffer,
      ]),
    writev: (_: number, buffers: Buffer[], position: number | undefined, callback: Callback) =>
      answer(file.writev(buffers, position), callback, ({ bytesWritten }) => [bytesWritten, buffers]),
    fsync: (_: number, callback: Callback) => answer(file.sync(), callback),
    close: (_: number, callback: Callback) => answer(file.close(), callback),
  }
}

/** Not within the promise: what a listener throws would be its rejection. */
function answer<T>(work: Promise<T>, callback: Callback, results: (result: T) => unknown[] = () => []): void {
  work.then(
    result => process.nextTick(callback, null, ...results(result)),
    (error: unknown) => process.nextTick(callback, error),
  )
}
