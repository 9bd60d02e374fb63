import type { Command } from './command.js'
import { isTransfer } from '../reply/fitting-replies.js'
import { isPreliminary, isUnknownCommand, type Reply } from '../reply/replies.js'

/** Commands that are written together, and their replies: exactly one final reply to each. */
export class Flight {
  /** The final replies so far, in the order of the commands. */
  readonly answers: Reply[] = []
  /** Resolves with true at a 1xx reply, when the transfer begins; with false if none comes. */
  readonly begun: Promise<boolean>
  /** Resolves with all final replies, refusals included; rejects with a ConnectionLostError. */
  done!: Promise<Reply[]>
  /** The number of final replies that are held until the fence has its reply. */
  kept = 0
  #begin!: (begun: boolean) => void
  #onAnswer: (() => void) | undefined
  #stopped = false
  #fence: 'none' | 'awaited' | 'last' | 'passed' = 'none'
  #timer: NodeJS.Timeout | undefined
  #hasBegun = false
  /** The limit of `expire` in milliseconds, if it is set. */
  #expiry = Infinity
  #ended = false

  constructor(
    readonly commands: readonly Command[],
    /** A stopped transfer may end with a second 1xx (see quirks.ts). */
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
   * The command whose reply must come next. Undefined after `stop`, and after a transfer in the
   * same write: those replies may come in another order.
   */
  get awaited(): Command | undefined {
    if (this.#stopped) return undefined
    const transfer = this.commands.findIndex(isTransfer)
    const ordered = transfer < 0 || transfer === this.commands.length - 1 || this.answers.length < transfer
    return ordered ? this.commands[this.answers.length] : undefined
  }

  /** Whether a 1xx has come. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Records a reply that a fence holds: it counts as progress. */
  heard(): void {
    this.kept += 1
    this.#timer?.refresh()
  }

  /** Resolves when `count` final replies have come, or no more will. */
  answered(count: number): Promise<void> {
    return new Promise(resolve => {
      this.#onAnswer = () => (this.#ended || this.answers.length >= count) && resolve()
      this.#onAnswer()
    })
  }

  /** Sets the milliseconds without a reply after which the session is closed; 0: no limit. */
  limit(milliseconds: number): void {
    if (this.#expiry === Infinity) this.#arm(milliseconds)
  }

  /**
   * As `limit`, when only final replies are still to come. A later call cannot remove or extend
   * this limit; another `expire` may shorten it.
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
   * Marks the transfer as stopped: after our reset of its data connection, any reply is its final
   * one.
   *
   * @param fenced a NOOP was sent, whose reply must also come, before the transfer's or after it
   */
  stop(fenced: boolean): void {
    this.#stopped = true
    if (fenced) this.#fence = 'awaited'
  }

  /**
   * Accepts that the stopped transfer may get no reply: a NOOP was sent, and its reply is the last
   * one.
   */
  stopUnanswered(): void {
    this.#fence = 'last'
  }

  /** Assigns a reply, and returns the command to which it is the final reply. */
  take(reply: Reply): Command | undefined {
    if (isPreliminary(reply) && !(this.#stopped && this.secondPreliminaryEnds)) {
      // Only the first 1xx shows progress: others may come endlessly.
      if (!this.#hasBegun) this.#timer?.refresh()
      this.#hasBegun = true
      this.#begin(true)
      return undefined
    }
    // Excess replies, as after a stopped transfer, may also come endlessly.
    if (this.answers.length < this.commands.length) this.#timer?.refresh()
    if (this.#fence === 'last' && (reply.code === 200 || isUnknownCommand(reply))) {
      this.#fence = 'passed'
      // After a 500, the server read the NOOP during the transfer, whose reply follows.
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
    // The reply to EPSV also stands for the missing one of the stopped transfer before it.
    if (this.#stopped && reply.code === 229)
      while (this.answers.length < this.commands.length) this.answers.push(reply)
    this.#onAnswer?.()
    return answered
  }

  /** Ends the flight, which is complete or lost. */
  end(): void {
    this.#ended = true
    this.#begin(false)
    this.#onAnswer?.()
    clearTimeout(this.#timer)
  }

  /** Whether it is the reply to the NOOP: no transfer ends with 200. */
  #passes(reply: Reply): boolean {
    return reply.code === 200 || (this.answers.length >= this.commands.length && isUnknownCommand(reply))
  }
}
