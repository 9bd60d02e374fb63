import type { Fence } from './fence.js'
import { isTransfer } from '../reply/fitting-replies.js'
import type { Flight } from './flight.js'
import { isPositive, isPreliminary, type Reply } from '../reply/replies.js'

// Milliseconds that the 1xx of a transfer may come behind a final reply, which is a stray one then.
const strayPatience = 250

/** The replies of a flight that are kept until the answer to its fence has come. */
export class FencedFlight {
  #ask: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** `ask`: asks the question of the fence, where it has not been written with the commands. */
  constructor(
    readonly flight: Flight,
    readonly fence: Fence,
    ask?: () => void,
  ) {
    this.#ask = ask
  }

  /** Takes a reply. Returns whether all have come, and are in `fence.held`. */
  take(reply: Reply): boolean {
    const { flight, fence } = this
    clearTimeout(this.#timer)
    if (isPreliminary(reply)) {
      // What came before the transfer has begun is none of its final replies.
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
