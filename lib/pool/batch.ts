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

/** Questions that wait for the same flights. */
export class Batch {
  readonly #waiting = new Set<PendingQuestion>()
  /** Questions whose answers were lost. They have waited longest, and go first. */
  readonly #lost = new Set<PendingQuestion>()
  /** Waiting questions that equal ones can join, by key. */
  readonly #joinable = new Map<string, PendingQuestion>()
  /** The number of questions that fit a flight, estimated from the last flight. */
  #perFlight: number

  constructor(readonly kind: FlightKind) {
    this.#perFlight = kind.expected
  }

  get size(): number {
    return this.#waiting.size + this.#lost.size
  }

  /** The number of flights that the waiting questions fill. */
  get flights(): number {
    return Math.ceil(this.size / this.#perFlight)
  }

  /** The number of idle sessions that the waiting questions justify. */
  get shares(): number {
    return Math.ceil(this.size / this.kind.minShare)
  }

  /**
   * Adds a question, or joins an equal one that waits. `again`: it was written before, and its
   * answer was lost.
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

  /** Called before a change on the server: later questions join none of the earlier ones. */
  endJoining(): void {
    this.#joinable.clear()
  }

  /**
   * Removes an asker. Returns whether the question waited for this asker only, and is removed too.
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

  /** Rejects all waiting questions. */
  reject(reason: Error): void {
    for (const waiting of [...this.#lost, ...this.#waiting]) {
      this.#take(waiting)
      reject(waiting, reason)
    }
  }

  /** Notifies all askers of a failed login that will be retried. */
  loginFailed(reason: Error): void {
    for (const { askers } of [...this.#inOrder()]) for (const asker of [...askers]) asker.loginFailed(reason)
  }

  /**
   * Writes as many waiting questions as one flight holds, and settles them. `others`: the number of
   * sessions that will soon take their shares.
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
      // A repeated question gets a flight of its own: its replies are easier to identify there.
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

  /** Removes a question, so that no other can join it. Returns whether it was waiting. */
  #take(waiting: PendingQuestion): boolean {
    const { key } = waiting.ask
    if (key !== undefined && this.#joinable.get(key) === waiting) this.#joinable.delete(key)
    return this.#waiting.delete(waiting) || this.#lost.delete(waiting)
  }
}

/**
 * Settles the questions whose replies are complete. Returns the others, with the position and
 * number of their commands.
 */
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

/** Handles a lost session: answered questions stay answered. */
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
 * Handles a flight that was lost before its fence, so that none of its replies is proved. The loss
 * counts for the question at which the session was lost, or for all questions if the place is
 * unknown.
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
