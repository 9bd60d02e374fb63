import { Learnt } from './learnt.js'

/** `proven`: RETR begins where REST says; `failed`: REST is refused, or answered and not obeyed. */
export type RestartState = 'proven' | 'untried' | 'failed'

/**
 * Whether RETR begins where REST says. Several embedded servers answer 350 and send from the first
 * byte on, so that a server that is not known has to show it once, and what fails is tried again
 * after a minute.
 */
export class RestartTrust {
  #shown = false
  readonly #failed: Learnt

  /**
   * `measured`: whether this kind of server was seen to obey REST. `now`: the clock, as of Learnt.
   * `ruledOut`: positions mean nothing, since line ends are converted.
   */
  constructor(
    readonly measured: () => boolean,
    now?: () => number,
    readonly ruledOut = false,
  ) {
    this.#failed = new Learnt(now)
  }

  get state(): RestartState {
    if (this.ruledOut || this.#failed.holds) return 'failed'
    return this.#shown || this.measured() ? 'proven' : 'untried'
  }

  /** What came behind a REST had the length that the rest of the file has. */
  prove(): void {
    this.#shown = true
    this.#failed.forget()
  }

  /** REST was refused, or more came than the rest of the file. */
  fail(): void {
    this.#shown = false
    this.#failed.learn()
  }
}
