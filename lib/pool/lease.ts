import type { Session } from '../wire/session/session.js'

/** The exclusive right to use a session, until it is released. */
export class Lease {
  /** Called when others wait for a session, so that the holder can give back an idle one. */
  onWanted: (() => void) | undefined
  #released = false

  constructor(
    readonly session: Session,
    readonly onReleased: () => void,
  ) {}

  /** Gives the session back, or closes it if it is in the middle of an operation. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.onWanted = undefined
    if (!this.session.usable) this.session.close()
    this.onReleased()
  }
}
