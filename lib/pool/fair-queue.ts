import type { Queue, QueueAddOptions } from 'p-queue'

/** What a task wants a session for. `again` is what has come to its turn before and comes first. */
export type Kind = 'again' | 'metadata' | 'transfer'

export interface FairOptions extends QueueAddOptions {
  kind?: Kind
}

type Run = () => Promise<unknown>

const mostPassedOver = 4

/** The order in which a p-queue serves: metadata first, but a transfer that waits is passed over at most 4 times. */
export class FairQueue implements Queue<Run, FairOptions> {
  // By id, which p-queue gives to each task; a Map keeps the order in which they came.
  readonly #waiting: Record<Kind, Map<string, Run>> = {
    again: new Map(),
    metadata: new Map(),
    transfer: new Map(),
  }
  #passedOver = 0

  get size(): number {
    const { again, metadata, transfer } = this.#waiting
    return again.size + metadata.size + transfer.size
  }

  enqueue(run: Run, options: Partial<FairOptions> = {}): void {
    this.#waiting[options.kind ?? 'metadata'].set(options.id!, run)
  }

  dequeue(): Run | undefined {
    const { again, metadata, transfer } = this.#waiting
    if (again.size > 0) return first(again)
    if (transfer.size > 0 && (metadata.size === 0 || this.#passedOver >= mostPassedOver)) {
      this.#passedOver = 0
      return first(transfer)
    }
    if (transfer.size > 0) this.#passedOver += 1
    return first(metadata)
  }

  /** Called by p-queue when the signal of a task is aborted that has not begun. */
  remove(id: string): void {
    for (const runs of Object.values(this.#waiting)) runs.delete(id)
  }

  filter(options: Readonly<Partial<FairOptions>>): Run[] {
    return [...this.#waiting[options.kind ?? 'metadata'].values()]
  }

  setPriority(): never {
    throw new Error('The order of this queue is by kind')
  }
}

function first(runs: Map<string, Run>): Run | undefined {
  const [entry] = runs
  if (!entry) return undefined
  const [id, run] = entry
  runs.delete(id)
  return run
}
