import { faultKinds, nonsense, type FaultKind, type Setting } from './fault-kinds.js'
import type { Operation } from './operation.js'
import type { Random } from './random.js'

/** How often a fault was made at an operation, and how often it was tried. */
export interface Cell {
  readonly operation: Operation
  readonly kind: FaultKind
  made: number
  tried: number
}

/** What a worker does next. */
export interface Turn {
  readonly operation: Operation
  /** Undefined: no fault. */
  readonly kind?: FaultKind
  /** The other workers rest, so that the fault is one of this operation. */
  readonly alone: boolean
}

/** Each operation with each fault that makes sense there. */
export function cellsOf(operations: readonly Operation[], setting: Setting): readonly Cell[] {
  return operations.flatMap(operation =>
    faultKinds
      .filter(kind => nonsense(operation, kind, setting) === undefined)
      .map(kind => ({ operation, kind, made: 0, tried: 0 })),
  )
}

/** How many cells make no sense, by the reason. */
export function reasonsOf(operations: readonly Operation[], setting: Setting): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const operation of operations) {
    for (const kind of faultKinds) {
      const reason = nonsense(operation, kind, setting)
      if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
  }
  return counts
}

/** Chooses operations and faults, so that each comes to pass with each. */
export class Schedule {
  readonly #places: readonly Operation[]
  /** A fault that is not alone: at most one at a time. */
  #isLaid = false

  constructor(
    readonly cells: readonly Cell[],
    readonly random: Random,
    /** On the average there is a fault in so many operations. */
    readonly every: number,
  ) {
    const operations = [...new Set(cells.map(({ operation }) => operation))]
    this.#places = operations.flatMap(each => Array<Operation>(each.weight ?? 4).fill(each))
  }

  next(): Turn {
    const { random } = this
    if (this.#isLaid || !random.chance(1 / this.every))
      return { operation: random.pick(this.#places), alone: false }
    const alone = random.chance(0.5)
    if (!alone) {
      this.#isLaid = true
      const { operation, kind } = random.pick(this.cells)
      return { operation, kind, alone }
    }
    return this.alone()
  }

  /** What has come to pass least often. */
  alone(): Turn {
    const min = Math.min(...this.cells.map(rank))
    const cell = this.random.pick(this.cells.filter(each => rank(each) === min))
    cell.tried++
    return { operation: cell.operation, kind: cell.kind, alone: true }
  }

  /** A turn has ended, in which the fault was made or found no place. */
  ended({ operation, kind, alone }: Turn, made: boolean): void {
    if (!kind) return
    if (!alone) this.#isLaid = false
    else if (made) this.cells.find(each => each.operation === operation && each.kind === kind)!.made++
  }
}

/** So often a fault that finds no place is tried again, before those that have been made once. */
export const maxTries = 30

/** It may still come to pass. */
export const isOpen = ({ made, tried }: Cell): boolean => made === 0 && tried < maxTries

/** The emptiest come first; what finds no place again and again does not keep others from theirs. */
const rank = ({ made, tried }: Cell): number => made + (tried - made) / maxTries
