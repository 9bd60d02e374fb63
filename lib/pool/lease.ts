import type { Session } from '../wire/session/session.js'

/** The right to use a session alone, until it is released. */
export class Lease {
  /** Called when others wait for a session, so that one that is held idle can be given back. */
  onWanted: (() => void) | undefined
  #released = false

  constructor(
    readonly session: Session,
    readonly onReleased: () => void,
  ) {}

  /** Gives the session back; one that is in the middle of something is closed. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.onWanted = undefined
    if (!this.session.usable) this.session.close()
    this.onReleased()
  }
}
