import type { Command } from './command.js'
import { isTransfer } from '../reply/fitting-replies.js'
import { isPreliminary, isUnknownCommand, type Reply } from '../reply/replies.js'

/** Commands written in one go, and the count of their replies: exactly one final reply for each. */
export class Flight {
  /** The final replies so far, in the order of the commands. */
  readonly answers: Reply[] = []
  /** Resolves with true when a 1xx reply has come, since the transfer begins; with false at the end, when none has. */
  readonly begun: Promise<boolean>
  /** Resolves with every final reply, refusals among them; rejects with a ConnectionLostError. */
  done!: Promise<Reply[]>
  /** How many final replies have come that are filed later. */
  kept = 0
  #begin!: (begun: boolean) => void
  #onAnswer: (() => void) | undefined
  #stopped = false
  #fence: 'none' | 'awaited' | 'last' | 'passed' = 'none'
  #timer: NodeJS.Timeout | undefined
  #hasBegun = false
  /** Milliseconds of the final limit, if it is set. */
  #expiry = Infinity
  #ended = false

  constructor(
    readonly commands: readonly Command[],
    /** A transfer that was stopped may end with a second 1xx (see quirks.ts). */
    readonly secondPreliminaryEnds: boolean,
    readonly onTimeout: (milliseconds: number) => void,
  ) {
    this.begun = new Promise(resolve => (this.#begin = resolve))
  }

  get complete(): boolean {
    return this.answers.length >= this.commands.length && this.#fence !== 'awaited' && this.#fence !== 'last'
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /**
   * The command whose reply comes next, and has to fit. None is known of a transfer that was stopped,
   * or behind a transfer in the same write: those replies may come in another order.
   */
  get awaited(): Command | undefined {
    if (this.#stopped) return undefined
    const transfer = this.commands.findIndex(isTransfer)
    const ordered = transfer < 0 || transfer === this.commands.length - 1 || this.answers.length < transfer
    return ordered ? this.commands[this.answers.length] : undefined
  }

  /** A 1xx has come. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** A reply has come that is filed later. */
  heard(): void {
    this.kept += 1
    this.#timer?.refresh()
  }

  /** Resolves when so many final replies have come, or no others will. */
  answered(count: number): Promise<void> {
    return new Promise(resolve => {
      this.#onAnswer = () => (this.#ended || this.answers.length >= count) && resolve()
      this.#onAnswer()
    })
  }

  /** From now on the session is given up when no reply comes for so many milliseconds; 0 lifts the limit. */
  limit(milliseconds: number): void {
    if (this.#expiry === Infinity) this.#arm(milliseconds)
  }

  /**
   * Only final replies are waited for from now on: as `limit`, but no later call lifts or lengthens
   * it. Another `expire` may shorten it.
   */
  expire(milliseconds: number): void {
    if (milliseconds >= this.#expiry) return
    this.#expiry = milliseconds
    this.#arm(milliseconds)
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer)
    const limited = milliseconds > 0 && !this.#ended
    this.#timer = limited ? setTimeout(() => this.onTimeout(milliseconds), milliseconds) : undefined
  }

  /**
   * The data connection of a transfer that has begun was reset by us: its final reply is whatever comes now.
   * `fenced`: a NOOP was sent whose reply has to come too, before the transfer's or behind it.
   */
  stop(fenced: boolean): void {
    this.#stopped = true
    if (fenced) this.#fence = 'awaited'
  }

  /** Nothing has come since `stop`, and perhaps nothing will: a NOOP was sent, whose reply is the last. */
  stopUnanswered(): void {
    this.#fence = 'last'
  }

  /** Files a reply and returns the command that it answers finally. */
  take(reply: Reply): Command | undefined {
    if (isPreliminary(reply) && !(this.#stopped && this.secondPreliminaryEnds)) {
      // The first shows that the transfer begins. The others show nothing, and may come without end.
      if (!this.#hasBegun) this.#timer?.refresh()
      this.#hasBegun = true
      this.#begin(true)
      return undefined
    }
    // Replies that answer no command, as behind a stopped transfer, may come without end, too.
    if (this.answers.length < this.commands.length) this.#timer?.refresh()
    if (this.#fence === 'last' && (reply.code === 200 || isUnknownCommand(reply))) {
      this.#fence = 'passed'
      // With 500 the NOOP was read while the transfer still ran: its reply follows.
      while (reply.code === 200 && this.answers.length < this.commands.length) this.answers.push(reply)
      this.#onAnswer?.()
      return undefined
    }
    if (this.#fence === 'awaited' && this.#passes(reply)) {
      this.#fence = 'passed'
      return undefined
    }
    const answered = this.commands[this.answers.length]
    this.answers.push(reply)
    // That to EPSV, behind a transfer that was stopped and has none.
    if (this.#stopped && reply.code === 229)
      while (this.answers.length < this.commands.length) this.answers.push(reply)
    this.#onAnswer?.()
    return answered
  }

  /** It is complete or lost. */
  end(): void {
    this.#ended = true
    this.#begin(false)
    this.#onAnswer?.()
    clearTimeout(this.#timer)
  }

  /** Whether it is the reply to the NOOP. No transfer ends with 200. */
  #passes(reply: Reply): boolean {
    return reply.code === 200 || (this.answers.length >= this.commands.length && isUnknownCommand(reply))
  }
}
