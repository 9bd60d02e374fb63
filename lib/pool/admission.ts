import { LoginError } from '../wire/errors.js'

/** How a login asks whether it may send its password, and says that it was accepted. */
export interface Entry {
  admitted: () => Promise<void>
  accepted: () => void
}

/**
 * Lets one login alone send a password that was not accepted yet. The others wait, connected, for what
 * becomes of it: a server that counts wrong passwords would lock the user out.
 */
export class Admission {
  #accepted = false
  /** The login that tries the password; resolves with its refusal, if there is one. */
  #trial: Promise<Error | undefined> | undefined

  /** Does a login. What refuses one that tries the password refuses those that wait for it. */
  async enter<T>(login: (entry: Entry) => Promise<T>): Promise<T> {
    let settle: ((refusal?: Error) => void) | undefined
    const end = (refusal?: Error): void => {
      if (settle) this.#trial = undefined
      settle?.(refusal)
      settle = undefined
    }
    const admitted = async (): Promise<void> => {
      while (!this.#accepted && this.#trial) {
        const refusal = await this.#trial
        if (refusal) throw refusal
      }
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
