/** Many at a time, or one alone. Those who want to be alone come first. */
export class Turns {
  #inside = 0
  #alone: Promise<void> | undefined
  #onEmpty: (() => void) | undefined

  async among<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone
    this.#inside++
    try {
      return await work()
    } finally {
      if (--this.#inside === 0) this.#onEmpty?.()
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone
    let open = () => {}
    this.#alone = new Promise(resolve => (open = resolve))
    try {
      if (this.#inside > 0) await new Promise<void>(resolve => (this.#onEmpty = resolve))
      return await work()
    } finally {
      this.#alone = undefined
      open()
    }
  }
}
