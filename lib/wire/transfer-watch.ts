import type net from 'node:net'

/** Ends a data connection on which nothing moves. Time during which the user takes or gives no bytes does not count. */
export class TransferWatch {
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly socket: net.Socket,
    readonly milliseconds: number,
  ) {
    socket.once('close', () => this.pause())
  }

  /** It is the server's turn: the time runs from now. */
  start(): void {
    if (this.#timer) this.#timer.refresh()
    else if (!this.socket.destroyed) this.#timer = setTimeout(() => this.#expire(), this.milliseconds)
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

  #expire(): void {
    this.socket.destroy(new Error(`No progress on the data connection within ${this.milliseconds} ms`))
  }
}
