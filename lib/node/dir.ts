import type { Dirent } from './dirent.js'
import { invalidArgType, nodeError } from './node-errors.js'

/** Where a directory's entries come from. `return` lets go of what the listing holds. */
export interface DirSource<Name extends string | Buffer = string> {
  next(): Promise<IteratorResult<Dirent<Name>, unknown>>
  return?(value?: undefined): Promise<unknown>
}

type ReadCallback<Name extends string | Buffer> = (error: Error | null, entry: Dirent<Name> | null) => void
type CloseCallback = (error: Error | null) => void

/**
 * An open directory: Node's `fs.Dir` without its synchronous methods.
 *
 * Calls are carried out in the order in which they were made. Source: Node, "File system", class fs.Dir.
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

  /** The directory's path as it was given to `opendir`. */
  get path(): string {
    return this.#path
  }

  /**
   * The next entry, or null behind the last one.
   *
   * @throws ERR_DIR_CLOSED once the directory is closed. An error in the listing stays: each later read has it too, so
   *   that a listing cut short is never taken for a whole one.
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
   * Ends the listing, after the reads that were asked for earlier.
   *
   * @throws ERR_DIR_CLOSED when the directory is closed already
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
   * Ends the listing at once: the read that is waiting and each later one rejects with the error. `close()` still resolves.
   */
  destroy(error: Error): void {
    if (this.#closed) return
    this.#failure ??= error
    this.#rejectRead?.(this.#failure)
    // The error that counts has its place; what the source adds while it ends says nothing more.
    this.#source.return?.().catch(() => {})
  }

  /** The entries; the directory is closed at the end, at a `break` and at an error. */
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
      // Behind a failed read only that failure is told.
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
      // A source that failed or was destroyed has ended already.
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
