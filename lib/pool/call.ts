/**
 * One call of the user, or one stream: what it waits for can be cancelled, and whether it has begun
 * decides what becomes of it when the pool closes.
 */
export class Call {
  /** How many of its attempts have failed, and were followed by another. */
  failed = 0
  /** What it counted last. */
  #counted: Error | undefined
  #started = false
  /** The call that it is a part of. */
  #whole: Call | undefined
  #reason: Error | undefined
  /** The first who listens, as a rule the only one, and the others. */
  #listener: ((reason: Error) => void) | undefined
  #others: Set<(reason: Error) => void> | undefined

  /**
   * `onClose`: what a stream or a folder does when the pool closes, or is destroyed (`atOnce`); a
   * plain call needs none.
   */
  constructor(readonly onClose?: (reason: Error, atOnce: boolean) => void) {}

  /** It has had a session: `close` lets it finish. */
  get started(): boolean {
    return this.#started
  }

  set started(started: boolean) {
    this.#started = started
    if (this.#whole) this.#whole.started = started
  }

  /**
   * Counts an attempt that failed: once, though several questions of it were lost with one session.
   * False, and it is not counted, where that was the last of 1 + `retries`.
   */
  mayFollow(error: Error, retries: number): boolean {
    if (error === this.#counted) return true
    if (this.failed >= retries) return false
    this.failed += 1
    this.#counted = error
    return true
  }

  /** It has come a good deal further: what fails from here on is counted anew. */
  advance(): void {
    this.failed = 0
  }

  /**
   * Does a part of it, such as one file of a tree, with attempts of its own. It ends with the call.
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
   * Calls back once when the call is cancelled, at once when it has been. Returns what takes that
   * back.
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
   * Resolves after so many milliseconds; rejects when the call is cancelled before. No session is
   * held meanwhile.
   */
  sleep(milliseconds: number): Promise<void> {
    return this.settle(resolve => {
      const timer = setTimeout(resolve, milliseconds)
      return () => clearTimeout(timer)
    })
  }

  /** A promise that rejects at once when the call is cancelled, whatever becomes of the work. */
  whileWanted<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {})
    return this.settle((resolve, reject) => void work.then(resolve, reject))
  }

  /**
   * What the source gives, until the call is cancelled: a source that gives nothing more is not
   * waited for then.
   */
  async *eachWanted<T>(source: AsyncIterable<T>): AsyncGenerator<T, undefined> {
    const iterator = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.whileWanted(iterator.next())
        if (next.done) return undefined
        yield next.value
      }
    } finally {
      // A generator that is in the middle of something closes behind it.
      const closed = Promise.resolve(iterator.return?.())
      if (this.#reason) closed.catch(() => {})
      else await closed
    }
  }

  /**
   * As the Promise constructor, with cancelling; the executor may return what is to be undone when
   * it is settled.
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
      // The executor may have settled it before it returned.
      if (settled) undo?.()
    })
  }
}
