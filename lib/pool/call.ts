/**
 * One call or stream of the user. Whatever it waits for can be cancelled. A call that has started
 * may finish when the pool closes.
 */
export class Call {
  /** The number of failed attempts that were followed by another one. */
  failed = 0
  /** The last failure that was counted. */
  #counted: Error | undefined
  #started = false
  /** The call that this one is a part of. */
  #whole: Call | undefined
  #reason: Error | undefined
  /** The first listener, usually the only one, and the others. */
  #listener: ((reason: Error) => void) | undefined
  #others: Set<(reason: Error) => void> | undefined

  /**
   * `onClose`: called for a stream or folder when the pool closes, or is destroyed (`atOnce`); a
   * plain call needs none.
   */
  constructor(readonly onClose?: (reason: Error, atOnce: boolean) => void) {}

  /** The call has had a session: `close` lets it finish. */
  get started(): boolean {
    return this.#started
  }

  set started(started: boolean) {
    this.#started = started
    if (this.#whole) this.#whole.started = started
  }

  /**
   * Counts a failed attempt, only once if several of its questions were lost with one session.
   * Returns false, without counting, after the last of 1 + `retries` attempts.
   */
  mayFollow(error: Error, retries: number): boolean {
    if (error === this.#counted) return true
    if (this.failed >= retries) return false
    this.failed += 1
    this.#counted = error
    return true
  }

  /** Resets the count of failures, after substantial progress. */
  advance(): void {
    this.failed = 0
  }

  /**
   * Runs a part of the call, such as one file of a tree, with its own attempts. The part ends with
   * the call.
   */
  async part<T>(work: (part: Call) => Promise<T>): Promise<T> {
    const part = new Call()
    part.#whole = this
    const forget = this.onCancel(reason => part.cancel(reason))
    try {
      return await work(part)
    } finally {
      forget()
    }
  }

  get cancelled(): Error | undefined {
    return this.#reason
  }

  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason
  }

  cancel(reason: Error): void {
    if (this.#reason) return
    this.#reason = reason
    const first = this.#listener
    const others = this.#others
    this.#listener = this.#others = undefined
    first?.(reason)
    if (others) for (const listener of others) listener(reason)
  }

  /**
   * Calls back once when the call is cancelled, immediately if it already is. Returns a function
   * that removes the listener.
   */
  onCancel(listener: (reason: Error) => void): () => void {
    this.#listen(listener)
    return () => this.#forget(listener)
  }

  #listen(listener: (reason: Error) => void): void {
    if (this.#reason) listener(this.#reason)
    else if (this.#listener === undefined) this.#listener = listener
    else (this.#others ??= new Set()).add(listener)
  }

  #forget(listener: (reason: Error) => void): void {
    if (this.#listener === listener) this.#listener = undefined
    else this.#others?.delete(listener)
  }

  /**
   * Resolves after the given milliseconds; rejects if the call is cancelled earlier. No session is
   * held meanwhile.
   */
  sleep(milliseconds: number): Promise<void> {
    return this.settle(resolve => {
      const timer = setTimeout(resolve, milliseconds)
      return () => clearTimeout(timer)
    })
  }

  /** Settles as `work` does, but rejects at once when the call is cancelled. */
  untilCancelled<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {})
    return this.settle((resolve, reject) => void work.then(resolve, reject))
  }

  /**
   * Yields what the source yields until the call is cancelled, even if the source never yields
   * again.
   */
  async *eachUntilCancelled<T>(source: AsyncIterable<T>): AsyncGenerator<T, undefined> {
    const iterator = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.untilCancelled(iterator.next())
        if (next.done) return undefined
        yield next.value
      }
    } finally {
      // A generator closes only after its current operation: a cancelled call does not wait for
      // that.
      const closed = Promise.resolve(iterator.return?.())
      if (this.#reason) closed.catch(() => {})
      else await closed
    }
  }

  /**
   * Like the Promise constructor, with cancelling. The executor may return a cleanup function,
   * which runs when the promise settles.
   */
  settle<T>(
    executor: (resolve: (value: T) => void, reject: (reason: Error) => void) => (() => void) | void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#reason) {
        reject(this.#reason)
        return
      }
      let settled = false
      let undo: (() => void) | void = undefined
      const settle = (outcome: () => void): void => {
        if (settled) return
        settled = true
        this.#forget(cancelled)
        undo?.()
        outcome()
      }
      const cancelled = (reason: Error): void => settle(() => reject(reason))
      this.#listen(cancelled)
      undo = executor(
        value => settle(() => resolve(value)),
        reason => settle(() => reject(reason)),
      )
      // The executor may settle before it returns its cleanup function.
      if (settled) undo?.()
    })
  }
}
