import { ConnectionLostError } from '../wire/ftp-errors.js'
import type { Log } from '../wire/log.js'
import { loginFailure } from './login-failure.js'
import { delayBefore, type RetryOptions } from './retry.js'

export interface RecoveryOptions extends RetryOptions {
  /** Milliseconds allowed for connecting. */
  shortTimeout: number
}

// A full server is retried for this multiple of `shortTimeout`: 75 s by default, because the idle
// sessions of another pool end after `idleTimeout`, 60 s by default.
const fullPatience = 2.5

const maxPause = 5_000

/**
 * The pauses between login attempts while the pool has no session. Attempts continue while a waiter
 * has attempts left; after as many as a call has, the pauses start with the shortest again.
 */
export class Recovery {
  readonly #began = Date.now()
  #failed = 0
  #wake: (() => void) | undefined

  constructor(
    readonly options: RecoveryOptions,
    readonly log: Log,
  ) {}

  /** Waits before the next attempt. Rejects with the error if the server stays full. */
  async pause(error: Error): Promise<void> {
    const delay = loginFailure(error) === 'full' ? this.#untilRoom(error) : this.#untilRetry(error)
    this.log.retry({ attempt: this.#failed + 1, delay, reason: error.message })
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, delay)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends the pause. */
  wake(): void {
    this.#wake?.()
  }

  #untilRoom(error: Error): number {
    const waited = Date.now() - this.#began
    const left = fullPatience * this.options.shortTimeout - waited
    if (left <= 0) throw error
    return Math.min(100 + waited / 2, maxPause, left)
  }

  #untilRetry(error: Error): number {
    this.#failed = (this.#failed % Math.max(this.options.retries, 1)) + 1
    // A broken login is retried at once; a server that restarts needs time.
    const cut = this.#failed === 1 && error instanceof ConnectionLostError
    return cut ? 0 : delayBefore(this.#failed, this.options)
  }
}
