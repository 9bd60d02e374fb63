import { ConnectionLostError } from '../wire/errors.js'
import type { Command } from '../wire/commands.js'
import type { Reply } from '../wire/replies.js'
import type { Session } from '../wire/session.js'
import type { WaitingAsk } from './ask.js'
import { mayRetry } from './retry.js'

// So many questions share a flight before another session is asked for: a login costs more than they do.
const asksPerFlight = 64

/** Questions that wait together and go together. */
export class Batch {
  #waiting: WaitingAsk[] = []

  /** How many flights the waiting questions fill. */
  get flights(): number {
    return Math.ceil(this.#waiting.length / asksPerFlight)
  }

  add(ask: WaitingAsk): void {
    this.#waiting.push(ask)
  }

  /** Rejects what waits and would be served for the first time. */
  rejectNew(reason: Error, keep: (ask: WaitingAsk) => boolean): void {
    for (const ask of this.#waiting) if (!keep(ask)) ask.reject(reason)
    this.#waiting = this.#waiting.filter(keep)
  }

  /** Writes what waits, as much as one flight holds, and settles it. What was lost and may be tried again waits again. */
  async serve(session: Session): Promise<void> {
    const asks = this.#waiting.splice(0, asksPerFlight).filter(ask => !ask.settled)
    const planned: { ask: WaitingAsk; commands: Command[] }[] = []
    for (const ask of asks) {
      ask.call.started = true
      try {
        planned.push({ ask, commands: ask.commands(session.server) })
      } catch (error) {
        ask.reject(error as Error)
      }
    }
    const commands = planned.flatMap(({ commands }) => commands)
    if (planned.length === 0) return
    let replies: readonly Reply[]
    let lost: ConnectionLostError | undefined
    try {
      replies = commands.length === 0 ? [] : await session.flight(commands)
    } catch (error) {
      lost = error as ConnectionLostError
      if (!(lost instanceof ConnectionLostError)) {
        for (const { ask } of planned) ask.reject(lost)
        return
      }
      replies = lost.answered
    }
    let next = 0
    for (const { ask, commands } of planned) {
      const answers = replies.slice(next, next + commands.length)
      next += commands.length
      if (answers.length === commands.length) this.#settle(ask, answers, session)
      else this.#repeat(ask, lost!)
    }
  }

  #settle(ask: WaitingAsk, answers: Reply[], session: Session): void {
    try {
      ask.resolve(ask.answer(answers, session.server, ask.again))
    } catch (error) {
      ask.reject(error as Error)
    }
  }

  #repeat(ask: WaitingAsk, lost: ConnectionLostError): void {
    ask.attempts += 1
    ask.again = true
    if (mayRetry(ask.attempts)) this.#waiting.unshift(ask)
    else ask.reject(lost)
  }
}
