import { Call } from '../pool/call.js'
import type { Pool } from '../pool/pool.js'
import { abortError } from '../node/node-errors.js'

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * Iterates over the results of a call that lasts as long as they are taken. The call begins with
 * the first `next`. It ends at once with `return`, with the signal (AbortError), and when the
 * FtpVfs is closed (ERR_FTP_CLOSED), even during a `next`.
 */
export class CallIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #call: Call
  #source: AsyncGenerator<T, undefined> | undefined
  #over = false
  #forget = (): void => {}

  /** `work`: starts the generator of the results. It may throw at once. */
  constructor(
    readonly pool: Pool,
    readonly work: (call: Call) => AsyncGenerator<T, undefined>,
    readonly signal?: AbortSignal,
  ) {
    this.#call = new Call(reason => {
      this.#call.cancel(reason)
      // No `next` may follow that would end the call.
      void this.#stop()
    })
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return ended
    const call = this.#call
    try {
      this.#source ??= this.#begin()
      const result = await call.untilCancelled(this.#source.next())
      if (!result.done) return result
    } catch (error) {
      if (this.#over) return ended
      this.#over = true
      void this.#stop()
      throw call.cancelled ?? error
    }
    this.#over = true
    await this.#stop()
    return ended
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#over = true
    this.#call.cancel(new Error('The iterator was ended'))
    await this.#stop()
    return ended
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #begin(): AsyncGenerator<T, undefined> {
    const { signal } = this
    if (signal?.aborted) throw abortError(signal)
    this.pool.begin(this.#call)
    if (signal) {
      const abort = (): void => this.#call.cancel(abortError(signal))
      signal.addEventListener('abort', abort, { once: true })
      this.#forget = () => signal.removeEventListener('abort', abort)
      this.#call.onCancel(() => void this.#stop())
    }
    return this.work(this.#call)
  }

  /** Releases the generator, the signal and the call. */
  async #stop(): Promise<void> {
    this.#forget()
    try {
      await this.#source?.return(undefined)
    } catch {
      // The iterator has already reported the error that matters.
    } finally {
      if (this.#source) this.pool.end(this.#call)
    }
  }
}

/** An iterator created by its first `next`, which, as in Node, throws for wrong arguments. */
export function lazily<T>(
  make: () => AsyncIterableIterator<T, undefined>,
): AsyncIterableIterator<T, undefined> {
  let made: AsyncIterableIterator<T, undefined> | undefined
  let over = false
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    over = true
    await made?.return?.()
    return ended
  }
  const iterator = {
    async next() {
      if (over) return ended
      try {
        made ??= make()
      } catch (error) {
        over = true
        throw error
      }
      return made.next()
    },
    return: end,
    [Symbol.asyncIterator]: () => iterator,
    async [Symbol.asyncDispose]() {
      await end()
    },
  }
  return iterator
}
