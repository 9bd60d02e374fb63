import { randomInt } from 'node:crypto'
import { replyText, type Reply } from '../reply/replies.js'

/** How the server replies to a fence: `echoes` the number of REST, or only `system` works. */
export type FenceKind = 'untried' | 'echoes' | 'system'

/**
 * A command at the end of a flight whose reply cannot be mistaken for a stray one: `REST n` (RFC
 * 3659, section 5.3) if the server repeats the number, else SYST. The fence holds the replies that
 * come before its own.
 */
export class Fence {
  /** The replies before the fence's own. */
  readonly held: Reply[] = []
  /** What the server has turned out to support, once the fence has its reply. */
  kind: FenceKind
  readonly lines: readonly string[]
  readonly #position = String(randomInt(2 ** 20, 2 ** 31))
  /** The code of the reply to `REST n`. */
  #set: number | undefined

  /** @param left the position to restore for the next transfer, since REST persists */
  constructor(kind: FenceKind, left: number) {
    const echoed = [`REST ${this.#position}`, `REST ${left}`]
    this.kind = kind
    this.lines = kind === 'system' ? ['SYST'] : kind === 'echoes' ? echoed : [...echoed, 'SYST']
  }

  /** Takes a final reply. Returns whether it is the last reply to the fence. */
  take(reply: Reply): boolean {
    if (this.kind === 'system') return reply.code === 215 || this.#hold(reply)
    if (this.#set === undefined && this.#echoes(reply)) {
      this.#set = reply.code
      return false
    }
    if (this.kind === 'echoes') {
      // Any other reply between the two is a stray one.
      return this.#set === undefined ? this.#hold(reply) : reply.code === this.#set
    }
    if (reply.code !== 215) return this.#set === undefined && this.#hold(reply)
    if (this.#set === undefined) {
      // Neither reply to REST was distinguishable from a stray one.
      this.held.splice(-2)
      this.kind = 'system'
    } else this.kind = 'echoes'
    return true
  }

  #echoes(reply: Reply): boolean {
    return replyText(reply).split(/\D+/).includes(this.#position)
  }

  #hold(reply: Reply): false {
    this.held.push(reply)
    return false
  }
}
