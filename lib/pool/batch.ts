import { ConnectionLostError } from '../wire/errors.js'
import type { Command } from '../wire/commands.js'
import type { Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import type { Session } from '../wire/session.js'
import type { WaitingAsk } from './ask.js'
import { mayRetry } from './retry.js'

// So many questions share a flight before another session is asked for: a login costs more than they do.
const asksPerFlight = 64

interface Planned {
  ask: WaitingAsk
  commands: Command[]
}

/** Questions that wait together and go together. */
export class Batch {
  #waiting = new Set<WaitingAsk>()

  get size(): number {
    return this.#waiting.size
  }

  /** How many flights the waiting questions fill. */
  get flights(): number {
    return Math.ceil(this.#waiting.size / asksPerFlight)
  }

  add(ask: WaitingAsk): void {
    this.#waiting.add(ask)
  }

  /** Takes back a question. Returns whether it was waiting. */
  remove(ask: WaitingAsk): boolean {
    return this.#waiting.delete(ask)
  }

  /** Rejects all that wait. */
  reject(reason: Error): void {
    for (const ask of [...this.#waiting]) {
      this.#waiting.delete(ask)
      ask.reject(reason)
    }
  }

  /** Writes what waits, as much as one flight holds, and settles it. What was lost and may be tried again waits again. */
  async serve(session: Session): Promise<void> {
    const planned = this.#plan(session.server)
    const commands = planned.flatMap(({ commands }) => commands)
    let replies: readonly Reply[] = []
    let attempted = 0
    let failure: Error | undefined
    try {
      if (commands.length > 0) replies = await session.flight(commands)
    } catch (error) {
      failure = error as Error
      if (failure instanceof ConnectionLostError) ({ answered: replies, attempted } = failure)
    }
    const lost: WaitingAsk[] = []
    let answered = 0
    let unanswered = 0
    let first = 0
    for (const { ask, commands } of planned) {
      const answers = replies.slice(first, first + commands.length)
      if (answers.length === commands.length) {
        this.#settle(ask, answers, session.server)
        answered += 1
      } else {
        // Of a flight that got somewhere only the question at which it was lost has had its chance.
        if (answered === 0 || unanswered === 0) ask.attempts += 1
        unanswered += 1
        ask.again ||= attempted > first
        if (failure instanceof ConnectionLostError && mayRetry(ask.attempts)) lost.push(ask)
        else ask.reject(failure!)
      }
      first += commands.length
    }
    // They have waited longest.
    if (lost.length > 0) this.#waiting = new Set([...lost, ...this.#waiting])
  }

  #plan(server: ServerProfile): Planned[] {
    const planned: Planned[] = []
    let taken = 0
    for (const ask of this.#waiting) {
      if (++taken > asksPerFlight) break
      this.#waiting.delete(ask)
      ask.begun()
      try {
        planned.push({ ask, commands: ask.commands(server) })
      } catch (error) {
        ask.reject(error as Error)
      }
    }
    return planned
  }

  #settle(ask: WaitingAsk, answers: Reply[], server: ServerProfile): void {
    try {
      ask.resolve(ask.answer(answers, server, ask.again))
    } catch (error) {
      ask.reject(error as Error)
    }
  }
}
