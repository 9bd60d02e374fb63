import { LoginError } from '../wire/ftp-errors.js'

/**
 * Hooks of a login: `admitted` waits until it may send its password, `accepted` reports that the
 * server took it.
 */
export interface Entry {
  admitted: () => Promise<void>
  accepted: () => void
}

/**
 * Lets one login at a time send a password that the server has not accepted yet. The others wait,
 * connected, for the result: a server that counts wrong passwords would lock the user out.
 */
export class Admission {
  #accepted = false
  /** Pending while a login tries the password. */
  #trial: Promise<void> | undefined
  /** The number of refusals, and the last one. */
  #refusals = 0
  #refusal: Error | undefined

  /**
   * Runs a login. If the server refuses the password, the logins that wait for the result and those
   * that are still connecting fail with the same error.
   */
  async enter<T>(login: (entry: Entry) => Promise<T>): Promise<T> {
    const refusals = this.#refusals
    let settle: (() => void) | undefined
    const end = (refusal?: Error): void => {
      if (settle) this.#trial = undefined
      if (settle && refusal) {
        this.#refusals += 1
        this.#refusal = refusal
      }
      settle?.()
      settle = undefined
    }
    const admitted = async (): Promise<void> => {
      while (!this.#accepted && this.#trial) await this.#trial
      if (!this.#accepted && this.#refusals > refusals) throw this.#refusal!
      if (!this.#accepted) this.#trial = new Promise(resolve => (settle = resolve))
    }
    const accepted = (): void => {
      this.#accepted = true
      end()
    }
    try {
      return await login({ admitted, accepted })
    } catch (error) {
      const refusal = error instanceof LoginError ? error : undefined
      if (refusal) this.#accepted = false
      end(refusal)
      throw error
    }
  }
}
