/** Ends a data connection on which nothing moves. Time during which the user takes or gives no bytes does not count. */
export class TransferWatch {
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(
    readonly milliseconds: number,
    readonly onExpired: (error: Error) => void,
  ) {}

  /** It is the server's turn: the time runs from now. */
  start(): void {
    if (this.#timer) this.#timer.refresh()
    else if (!this.#ended) this.#timer = setTimeout(() => this.#expire(), this.milliseconds)
  }

  /** Something moved. */
  progress(): void {
    this.#timer?.refresh()
  }

  /** It is the user's turn. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** The connection is closed: no time runs any more. */
  end(): void {
    this.#ended = true
    this.pause()
  }

  #expire(): void {
    this.onExpired(new Error(`No progress on the data connection within ${this.milliseconds} ms`))
  }
}
