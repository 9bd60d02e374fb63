/**
 * Ends a data connection without progress. Time in which the user neither reads nor writes does not
 * count.
 */
export class TransferWatch {
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(
    readonly milliseconds: number,
    readonly onExpired: (error: Error) => void,
  ) {}

  /** Starts the time limit, as the next progress is up to the server. */
  start(): void {
    if (this.#timer) this.#timer.refresh()
    else if (!this.#ended) this.#timer = setTimeout(() => this.#expire(), this.milliseconds)
  }

  /** Restarts the time limit, as bytes have moved. */
  progress(): void {
    this.#timer?.refresh()
  }

  /** Stops the time limit, as the next progress is up to the user. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Stops the time limit for good, as the connection is closed. */
  end(): void {
    this.#ended = true
    this.pause()
  }

  #expire(): void {
    this.onExpired(new Error(`No progress on the data connection within ${this.milliseconds} ms`))
  }
}
