/** The progress of a transfer of a local file. */
export interface Progress {
  /** Bytes so far. They never decrease, except when an upload starts over from 0. */
  bytes: number
  /** Bytes in all; undefined if the server does not report the size of the file. */
  total: number | undefined
}

export type OnProgress = (progress: Progress) => void

// Milliseconds; smooth enough for the eye.
const interval = 100

/**
 * Calls the user's function at most every 100 ms, and at the end. An exception of the function
 * fails the transfer.
 */
export class ProgressReport {
  #lastCall = -Infinity

  constructor(readonly tell: OnProgress | undefined) {}

  at(bytes: number, total: number | undefined): void {
    if (!this.tell) return
    const now = performance.now()
    if (now - this.#lastCall < interval) return
    this.#lastCall = now
    this.tell({ bytes, total })
  }

  end(bytes: number): void {
    this.tell?.({ bytes, total: bytes })
  }
}
