import type { Queue, QueueAddOptions } from 'p-queue'

/** What a task wants a session for. `again` is what has come to its turn before and comes first. */
export type WorkKind = 'again' | 'metadata' | 'transfer'

export interface FairOptions extends QueueAddOptions {
  kind?: WorkKind
}

type Run = () => Promise<unknown>

const maxPassedOver = 4

/** The order in which a p-queue serves: metadata first, but a transfer that waits is passed over at most 4 times. */
export class FairQueue implements Queue<Run, FairOptions> {
  readonly #waiting: Record<WorkKind, Line> = {
    again: new Line(),
    metadata: new Line(),
    transfer: new Line(),
  }
  #passedOver = 0

  get size(): number {
    const { again, metadata, transfer } = this.#waiting
    return again.size + metadata.size + transfer.size
  }

  enqueue(run: Run, options: Partial<FairOptions> = {}): void {
    this.#waiting[options.kind ?? 'metadata'].push(options.id!, run)
  }

  dequeue(): Run | undefined {
    const { again, metadata, transfer } = this.#waiting
    if (again.size > 0) return again.shift()
    if (transfer.size > 0 && (metadata.size === 0 || this.#passedOver >= maxPassedOver)) {
      this.#passedOver = 0
      return transfer.shift()
    }
    if (transfer.size > 0) this.#passedOver += 1
    return metadata.shift()
  }

  /** Called by p-queue when the signal of a task is aborted that has not begun. */
  remove(id: string): void {
    for (const line of Object.values(this.#waiting)) line.remove(id)
  }

  filter(options: Readonly<Partial<FairOptions>>): Run[] {
    return this.#waiting[options.kind ?? 'metadata'].toArray()
  }

  setPriority(): never {
    throw new Error('The order of this queue is by kind')
  }
}

/** Tasks in the order in which they came, of which any may leave. */
class Line {
  // By the id that p-queue gives to each.
  readonly #runs = new Map<string, Run>()
  // Goes on where it was: to look for the first again would take ever longer while many are taken.
  #next = this.#runs.entries()

  get size(): number {
    return this.#runs.size
  }

  push(id: string, run: Run): void {
    this.#runs.set(id, run)
  }

  shift(): Run | undefined {
    let next = this.#next.next()
    if (next.done) {
      // An iterator that has come to the end stays there.
      this.#next = this.#runs.entries()
      next = this.#next.next()
    }
    if (next.done) return undefined
    const [id, run] = next.value
    this.#runs.delete(id)
    return run
  }

  remove(id: string): void {
    this.#runs.delete(id)
  }

  toArray(): Run[] {
    return [...this.#runs.values()]
  }
}
