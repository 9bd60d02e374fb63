import type { Queue, QueueAddOptions } from 'p-queue'

/** What a task wants a session for. `again` is what has been served before and comes first. */
export type Kind = 'again' | 'metadata' | 'transfer'

export interface FairOptions extends QueueAddOptions {
  kind?: Kind
}

type Run = () => Promise<unknown>

const mostPassedOver = 4

/** The order in which a p-queue serves: metadata first, but a transfer that waits is passed over at most 4 times. */
export class FairQueue implements Queue<Run, FairOptions> {
  readonly #waiting: Record<Kind, Fifo<Run>> = {
    again: new Fifo(),
    metadata: new Fifo(),
    transfer: new Fifo(),
  }
  #passedOver = 0

  get size(): number {
    const { again, metadata, transfer } = this.#waiting
    return again.size + metadata.size + transfer.size
  }

  enqueue(run: Run, options?: Partial<FairOptions>): void {
    this.#waiting[options?.kind ?? 'metadata'].push(run)
  }

  dequeue(): Run | undefined {
    const { again, metadata, transfer } = this.#waiting
    if (again.size > 0) return again.shift()
    if (transfer.size > 0 && (metadata.size === 0 || this.#passedOver >= mostPassedOver)) {
      this.#passedOver = 0
      return transfer.shift()
    }
    if (transfer.size > 0) this.#passedOver += 1
    return metadata.shift()
  }

  filter(options: Readonly<Partial<FairOptions>>): Run[] {
    return this.#waiting[options.kind ?? 'metadata'].toArray()
  }

  setPriority(): never {
    throw new Error('The order of this queue is by kind')
  }
}

/** An array that is cheap to take from the front of. */
class Fifo<T> {
  #items: T[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head++]
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  toArray(): T[] {
    return this.#items.slice(this.#head)
  }
}
