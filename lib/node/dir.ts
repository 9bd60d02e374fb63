import type { Dirent } from './dirent.js'
import { invalidArgType, nodeError } from './node-errors.js'

/** The source of a directory's entries. `return` releases the resources of the listing. */
export interface DirSource<Name extends string | Buffer = string> {
  next(): Promise<IteratorResult<Dirent<Name>, unknown>>
  return?(value?: undefined): Promise<unknown>
}

type ReadCallback<Name extends string | Buffer> = (error: Error | null, entry: Dirent<Name> | null) => void
type CloseCallback = (error: Error | null) => void

/**
 * An open directory: Node's `fs.Dir` without its synchronous methods.
 *
 * Calls take effect in the order in which they are made.
 *
 * Source: Node, "File system", class fs.Dir.
 */
export class Dir<Name extends string | Buffer = string> implements AsyncIterable<Dirent<Name>> {
  readonly #path: string
  readonly #source: DirSource<Name>
  #closed = false
  #failure: Error | undefined
  #rejectRead: ((error: Error) => void) | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(path: string, source: DirSource<Name>) {
    this.#path = path
    this.#source = source
  }

  /** The path that `opendir` got. */
  get path(): string {
    return this.#path
  }

  /**
   * Returns the next entry, or null after the last one.
   *
   * @throws ERR_DIR_CLOSED after `close`. An error of the listing stays: all later reads fail with
   *   it, so that an incomplete listing never seems complete
   */
  read(): Promise<Dirent<Name> | null>
  read(callback: ReadCallback<Name>): void
  read(callback?: ReadCallback<Name>): Promise<Dirent<Name> | null> | void {
    if (arguments.length === 0) return this.#enqueue(() => this.#next())
    if (this.#closed) throw closedError()
    checkCallback(callback)
    this.#enqueue(() => this.#next()).then(
      entry => process.nextTick(callback, null, entry),
      (error: unknown) => process.nextTick(callback, error, null),
    )
  }

  /**
   * Ends the listing after the pending reads.
   *
   * @throws ERR_DIR_CLOSED if the directory is already closed
   */
  close(): Promise<void>
  close(callback: CloseCallback): void
  close(callback?: CloseCallback): Promise<void> | void {
    if (arguments.length === 0) return this.#close()
    checkCallback(callback)
    this.#close().then(
      () => process.nextTick(callback, null),
      (error: unknown) => process.nextTick(callback, error),
    )
  }

  /**
   * Ends the listing at once: the pending read and all later ones fail with the error. `close()`
   * still resolves.
   */
  destroy(error: Error): void {
    if (this.#closed) return
    this.#failure ??= error
    this.#rejectRead?.(this.#failure)
    // The reads report the error. A further error of the source would add nothing.
    this.#source.return?.().catch(() => {})
  }

  /** Iterates over the entries. The end, a `break` and an error close the directory. */
  async *entries(): AsyncGenerator<Dirent<Name>, void, void> {
    let failed = true
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) {
        failed = false
        yield entry
        failed = true
      }
      failed = false
    } finally {
      // After a failed read, only the error of the read counts.
      const closing = this.close()
      await (failed ? closing.catch(() => {}) : closing)
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent<Name>, void, void> {
    return this.entries()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await this.close()
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError())
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => {})
    return done
  }

  #close(): Promise<void> {
    const done = this.#enqueue(async () => {
      // A source that failed or was destroyed has already ended.
      if (!this.#failure) await this.#source.return?.()
    })
    this.#closed = true
    return done
  }

  #next(): Promise<Dirent<Name> | null> {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise<Dirent<Name> | null>((resolve, reject) => {
      this.#rejectRead = reject
      this.#source.next().then(
        result => resolve(result.done ? null : result.value),
        (error: Error) => {
          this.#failure ??= error
          reject(this.#failure)
        },
      )
    }).finally(() => (this.#rejectRead = undefined))
  }
}

function closedError(): Error {
  return nodeError(new Error('Directory handle was closed'), 'ERR_DIR_CLOSED', closedError)
}

function checkCallback(callback: unknown): asserts callback is (...args: unknown[]) => void {
  if (typeof callback !== 'function') throw invalidArgType('callback', 'of type function', callback)
}
