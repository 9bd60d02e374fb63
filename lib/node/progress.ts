/** How far a transfer of a local file is. */
export interface Progress {
  /** Bytes so far. They never go backwards, but for an upload that starts over: then they begin at 0 again. */
  bytes: number
  /** Bytes in all; undefined where the server does not tell a file's size. */
  total: number | undefined
}

export type OnProgress = (progress: Progress) => void

// Often enough for the eye.
const interval = 100

/** Tells the user how far it is: at most every 100 ms, and at the end. What the user throws is thrown here. */
export class ProgressReport {
  #told = -Infinity

  constructor(readonly tell: OnProgress | undefined) {}

  at(bytes: number, total: number | undefined): void {
    if (!this.tell) return
    const now = performance.now()
    if (now - this.#told < interval) return
    this.#told = now
    this.tell({ bytes, total })
  }

  end(bytes: number): void {
    this.tell?.({ bytes, total: bytes })
  }
}
