import type { Command } from './commands.js'
import { isPreliminary, isUnknownCommand, type Reply } from './replies.js'

export interface FlightOptions {
  /** Milliseconds without a reply after which the session is given up; 0: as long as it takes. */
  timeout?: number
  /** Called with a 1xx reply: the transfer begins. */
  onPreliminary?: (reply: Reply) => void
}

/** Commands written in one go, and the count of their replies: exactly one final reply for each. */
export class Flight {
  /** The final replies so far, in the order of the commands. */
  readonly answers: Reply[] = []
  /** Resolves with every final reply, refusals among them; rejects with a ConnectionLostError. */
  done!: Promise<Reply[]>
  #preliminarySeen = false
  #stopped = false
  #fence: 'none' | 'awaited' | 'passed' = 'none'
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(
    readonly commands: readonly Command[],
    readonly options: FlightOptions,
    /** A transfer that was stopped may end with a second 1xx (see quirks.ts). */
    readonly secondPreliminaryEnds: boolean,
    readonly onTimeout: (milliseconds: number) => void,
  ) {
    this.limit(options.timeout ?? 0)
  }

  get complete(): boolean {
    return this.answers.length >= this.commands.length && this.#fence !== 'awaited'
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** From now on the session is given up when no reply comes for so many milliseconds; 0 lifts the limit. */
  limit(milliseconds: number): void {
    clearTimeout(this.#timer)
    const limited = milliseconds > 0 && !this.#ended
    this.#timer = limited ? setTimeout(() => this.onTimeout(milliseconds), milliseconds) : undefined
  }

  /**
   * The data connection was reset by us: the transfer's final reply is whatever comes now. `fenced`: a NOOP
   * was sent whose reply has to come too, before the transfer's or behind it.
   */
  stop(fenced: boolean): void {
    this.#stopped = true
    if (fenced) this.#fence = 'awaited'
  }

  /** Files a reply and returns the command that it answers finally. */
  take(reply: Reply): Command | undefined {
    this.#timer?.refresh()
    if (isPreliminary(reply) && !(this.#stopped && this.#preliminarySeen && this.secondPreliminaryEnds)) {
      this.#preliminarySeen = true
      if (!this.#stopped) this.options.onPreliminary?.(reply)
      return undefined
    }
    this.#preliminarySeen = false
    if (this.#fence === 'awaited' && this.#passes(reply)) {
      this.#fence = 'passed'
      return undefined
    }
    const answered = this.commands[this.answers.length]
    this.answers.push(reply)
    return answered
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  /** Whether it is the reply to the NOOP. No transfer ends with 200. */
  #passes(reply: Reply): boolean {
    return reply.code === 200 || (this.answers.length >= this.commands.length && isUnknownCommand(reply))
  }
}
