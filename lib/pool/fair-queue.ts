import type { Queue, QueueAddOptions } from 'p-queue'

/** What a task needs a session for. `again`: the task has had its turn before, and goes first. */
export type WorkKind = 'again' | 'metadata' | 'transfer'

export interface FairOptions extends QueueAddOptions {
  kind?: WorkKind
}

type Run = () => Promise<unknown>

const maxPassedOver = 4

/** The order of a p-queue: metadata first, but at most 4 of them pass a waiting transfer. */
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

  /** p-queue calls this when the signal of a waiting task is aborted. */
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

/** Tasks in the order of arrival, any of which may leave. */
class Line {
  // By the id that p-queue assigns.
  readonly #runs = new Map<string, Run>()
  // Continues where it stopped: finding the first entry anew gets slower the more entries were
  // removed.
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
      // A finished iterator stays finished, even if entries are added.
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
