import type net from 'node:net'

/** Ends a data connection on which nothing moves. Time during which the user takes or gives no bytes does not count. */
export class TransferWatch {
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly socket: net.Socket,
    readonly milliseconds: number,
  ) {}

  /** Something moved, or is about to: the time runs from now. */
  progress(): void {
    if (this.#timer) this.#timer.refresh()
    else if (this.milliseconds > 0) {
      this.#timer = setTimeout(() => {
        const error: NodeJS.ErrnoException = new Error(
          `No progress on the data connection within ${this.milliseconds} ms`,
        )
        error.code = 'ETIMEDOUT'
        this.socket.destroy(error)
      }, this.milliseconds)
    }
  }

  /** It is the user's turn, or the end. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
