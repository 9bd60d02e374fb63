import { randomInt } from 'node:crypto'
import { replyText, type Reply } from '../reply/replies.js'

/** What the server says to a question that stands at the end of a flight. */
export type FenceKind = 'untried' | 'echoes' | 'system'

/**
 * A question at the end of a flight whose answer no stray reply can be: `REST n` (RFC 3659, section
 * 5.3), where the server tells the number again, else SYST. What comes before its answer is kept.
 */
export class Fence {
  /** The replies in front of the answer. */
  readonly held: Reply[] = []
  /** What has been learnt of the server, once it has passed. */
  kind: FenceKind
  readonly lines: readonly string[]
  readonly #position = String(randomInt(2 ** 20, 2 ** 31))
  /** The code of the answer to `REST n`. */
  #set: number | undefined

  /** `left`: the position at which the next transfer is to begin: REST sticks. */
  constructor(kind: FenceKind, left: number) {
    const echoed = [`REST ${this.#position}`, `REST ${left}`]
    this.kind = kind
    this.lines = kind === 'system' ? ['SYST'] : kind === 'echoes' ? echoed : [...echoed, 'SYST']
  }

  /** Takes a final reply. Returns whether it was the last one. */
  take(reply: Reply): boolean {
    if (this.kind === 'system') return reply.code === 215 || this.#hold(reply)
    if (this.#set === undefined && this.#echoes(reply)) {
      this.#set = reply.code
      return false
    }
    if (this.kind === 'echoes') {
      // Whatever else comes between the two is a stray reply.
      return this.#set === undefined ? this.#hold(reply) : reply.code === this.#set
    }
    if (reply.code !== 215) return this.#set === undefined && this.#hold(reply)
    if (this.#set === undefined) {
      // Neither REST told anything that could be told from another reply.
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
