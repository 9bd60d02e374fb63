import { LoginError } from '../wire/ftp-errors.js'

/** How a login asks whether it may send its password, and says that it was accepted. */
export interface Entry {
  admitted: () => Promise<void>
  accepted: () => void
}

/**
 * Lets one login alone send a password that was not accepted yet. The others wait, connected, for
 * what becomes of it: a server that counts wrong passwords would lock the user out.
 */
export class Admission {
  #accepted = false
  /** The login that tries the password, until it is known what became of that. */
  #trial: Promise<void> | undefined
  /** How often it was refused, and the last refusal. */
  #refusals = 0
  #refusal: Error | undefined

  /**
   * Does a login. What refuses one that tries the password refuses those that wait for it, and
   * those that are still connecting.
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
