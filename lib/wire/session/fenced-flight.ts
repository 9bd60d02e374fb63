import type { Fence } from './fence.js'
import { isTransfer } from '../reply/fitting-replies.js'
import type { Flight } from './flight.js'
import { isPositive, isPreliminary, type Reply } from '../reply/replies.js'

// Milliseconds in which a 1xx may follow a final reply, which it shows to be a stray one.
const strayPatience = 250

/** A flight whose replies are held until the reply to its fence has come. */
export class FencedFlight {
  #ask: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param ask writes the commands of the fence, unless they were written with the flight's */
  constructor(
    readonly flight: Flight,
    readonly fence: Fence,
    ask?: () => void,
  ) {
    this.#ask = ask
  }

  /** Takes a reply. Returns whether all have come and are in `fence.held`. */
  take(reply: Reply): boolean {
    const { flight, fence } = this
    clearTimeout(this.#timer)
    if (isPreliminary(reply)) {
      // Replies from before the start of the transfer are not its final replies.
      if (this.#ask) fence.held.length = 0
      return false
    }
    flight.heard()
    if (!this.#ask) return fence.take(reply)
    fence.held.push(reply)
    if (fence.held.length < flight.commands.length) return false
    const sure = flight.hasBegun || !isPositive(reply) || !flight.commands.some(isTransfer)
    if (sure) this.#askNow()
    else this.#timer = setTimeout(() => this.#askNow(), strayPatience)
    return false
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #askNow(): void {
    this.#ask?.()
    this.#ask = undefined
  }
}
