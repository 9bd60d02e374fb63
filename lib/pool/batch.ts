import { ConnectionLostError, OutOfStepError } from '../wire/ftp-errors.js'
import type { Command } from '../wire/session/command.js'
import type { Reply } from '../wire/reply/replies.js'
import type { ServerProfile } from '../wire/server/server-profile.js'
import type { Session } from '../wire/session/session.js'
import type { FlightKind } from './flight-kind.js'
import type { Question, Asker, Loss, PendingQuestion } from './question.js'
import { RestFence } from './rest-fence.js'

interface Planned {
  waiting: PendingQuestion
  commands: Command[]
}

/** Questions that wait together and go together. */
export class Batch {
  readonly #waiting = new Set<PendingQuestion>()
  /** Those that were lost: they have waited longest, and come first. */
  readonly #lost = new Set<PendingQuestion>()
  /** Those of the waiting that another may join. */
  readonly #joinable = new Map<string, PendingQuestion>()
  /** How many questions filled a flight of late. */
  #perFlight: number

  constructor(readonly kind: FlightKind) {
    this.#perFlight = kind.expected
  }

  get size(): number {
    return this.#waiting.size + this.#lost.size
  }

  /** How many flights the waiting questions fill. */
  get flights(): number {
    return Math.ceil(this.size / this.#perFlight)
  }

  /** How many idle sessions they are worth. */
  get shares(): number {
    return Math.ceil(this.size / this.kind.minShare)
  }

  /**
   * Adds a question, or joins the same one. `again`: it was written before, and its answer was
   * lost.
   */
  add(ask: Question<unknown>, asker: Asker, again = false): PendingQuestion {
    const { key } = ask
    if (key === undefined) this.endJoining()
    const same = key === undefined ? undefined : this.#joinable.get(key)
    const waiting = same ?? { ask, askers: new Set(), again }
    waiting.askers.add(asker)
    if (!same) (again ? this.#lost : this.#waiting).add(waiting)
    if (key !== undefined) this.#joinable.set(key, waiting)
    return waiting
  }

  /** Something is going to change: what is asked from now on is asked behind it. */
  endJoining(): void {
    this.#joinable.clear()
  }

  /**
   * One who asked does not want to know any more. Returns whether the question was waiting for him
   * alone.
   */
  remove(waiting: PendingQuestion, asker: Asker): boolean {
    waiting.askers.delete(asker)
    return waiting.askers.size === 0 && this.#take(waiting)
  }

  /** Resolves a question that waits alone and is not worth a flight of its own. */
  settleAlone(): void {
    const [first, ...others] = this.#inOrder()
    if (!first?.ask.alone || others.length > 0) return
    this.#take(first)
    const value = first.ask.alone()
    for (const asker of [...first.askers]) asker.resolve(value)
  }

  /** Rejects all that wait. */
  reject(reason: Error): void {
    for (const waiting of [...this.#lost, ...this.#waiting]) {
      this.#take(waiting)
      reject(waiting, reason)
    }
  }

  /** Tells all that wait of a login that has failed, which is tried again. */
  loginFailed(reason: Error): void {
    for (const { askers } of [...this.#inOrder()]) for (const asker of [...askers]) asker.loginFailed(reason)
  }

  /**
   * Writes what waits, as much as one flight holds, and settles it. `others`: sessions that are
   * about to take their parts.
   */
  async serve(session: Session, others = 0): Promise<void> {
    const planned = this.#plan(session, Math.ceil(this.size / (others + 1)))
    const fence = this.kind.fenced && planned.length > 0 ? new RestFence() : undefined
    const commands = [...planned.flatMap(({ commands }) => commands), ...(fence?.commands ?? [])]
    let replies: readonly Reply[] = []
    try {
      if (commands.length > 0) replies = await session.flight(commands)
    } catch (error) {
      if (!(error instanceof ConnectionLostError))
        for (const { waiting } of settleAll(planned, [], session.server)) reject(waiting, error as Error)
      else if (fence)
        loseAll(planned, error, error instanceof OutOfStepError ? undefined : error.answered.length)
      else loseRest(planned, error, session.server)
      return
    }
    if (fence && !fence.closes(replies)) {
      const reason = new ConnectionLostError('The replies do not fit the commands')
      session.close(reason)
      loseAll(planned, reason, undefined)
      return
    }
    settleAll(planned, replies, session.server)
  }

  #plan(session: Session, share: number): Planned[] {
    const { server } = session
    const { flightBytes } = server.quirks
    const max = Math.min(Math.max(share, this.kind.minShare), this.kind.maxShare)
    const planned: Planned[] = []
    let bytes = 0
    for (const waiting of this.#inOrder()) {
      if (planned.length >= max) break
      // Alone it is told better which replies are its own.
      if (server.outOfStep && waiting.again && planned.length > 0) break
      let commands: Command[]
      try {
        commands = waiting.ask.commands(server)
      } catch (error) {
        this.#take(waiting)
        reject(waiting, error as Error)
        continue
      }
      const length = commands.reduce((sum, { verb, path = '' }) => sum + verb.length + path.length + 3, 0)
      if (planned.length > 0 && bytes + length > flightBytes) break
      bytes += length
      this.#take(waiting)
      for (const { begun } of waiting.askers) begun()
      planned.push({ waiting, commands })
      if (server.outOfStep && waiting.again) break
    }
    if (bytes > 0) this.#learn(Math.floor((flightBytes * planned.length) / bytes))
    return planned
  }

  #learn(perFlight: number): void {
    this.#perFlight = Math.min(Math.max(perFlight, 1), this.kind.maxShare)
  }

  *#inOrder(): Generator<PendingQuestion> {
    yield* this.#lost
    yield* this.#waiting
  }

  /** Takes it out of those that wait, and can be joined. Returns whether it was waiting. */
  #take(waiting: PendingQuestion): boolean {
    const { key } = waiting.ask
    if (key !== undefined && this.#joinable.get(key) === waiting) this.#joinable.delete(key)
    return this.#waiting.delete(waiting) || this.#lost.delete(waiting)
  }
}

/** Settles the questions that the replies answer. Returns the others, with where they begin. */
function settleAll(
  planned: readonly Planned[],
  replies: readonly Reply[],
  server: ServerProfile,
): { waiting: PendingQuestion; first: number; length: number }[] {
  const open: { waiting: PendingQuestion; first: number; length: number }[] = []
  let first = 0
  for (const { waiting, commands } of planned) {
    const { length } = commands
    const answers = replies.slice(first, first + length)
    if (answers.length === length) settle(waiting, answers, server, commands)
    else open.push({ waiting, first, length })
    first += length
  }
  return open
}

/** The session was lost: what was answered stays answered. */
function loseRest(planned: readonly Planned[], reason: ConnectionLostError, server: ServerProfile): void {
  const { answered, attempted } = reason
  const open = settleAll(planned, answered, server)
  const gotSomewhere = open.length < planned.length
  for (const [index, { waiting, first, length }] of open.entries()) {
    const replies = attempted < first + length ? undefined : answered.slice(first, first + length)
    const again = waiting.again || attempted > first
    lose(waiting, { reason, attempted: again, replies, counts: !gotSomewhere || index === 0 })
  }
}

/**
 * The fence was not reached, so that no reply is proved. The question at which the session was lost
 * may be the reason; without a place, each of them may.
 */
function loseAll(planned: readonly Planned[], reason: ConnectionLostError, at: number | undefined): void {
  let first = 0
  for (const { waiting, commands } of planned) {
    const counts = at === undefined || (first <= at && at < first + commands.length)
    first += commands.length
    lose(waiting, { reason, attempted: true, replies: [], counts })
  }
}

function settle(
  { ask, askers, again }: PendingQuestion,
  answers: Reply[],
  server: ServerProfile,
  sent: readonly Command[],
): void {
  let value: unknown
  try {
    value = ask.answer(answers, server, again, sent)
  } catch (error) {
    for (const asker of askers) asker.reject(error as Error)
    return
  }
  for (const asker of askers) asker.resolve(value)
}

function reject({ askers }: PendingQuestion, reason: Error): void {
  for (const asker of [...askers]) asker.reject(reason)
}

function lose({ askers }: PendingQuestion, loss: Loss): void {
  for (const asker of [...askers]) asker.lost(loss)
}
