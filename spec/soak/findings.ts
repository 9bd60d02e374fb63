import type { Failure } from './operation.js'
import type { Turn } from './schedule.js'

/** What is wrong with one operation, or with what is left at the end. */
export interface Finding {
  readonly operation: string
  readonly fault: string
  readonly words: string
  readonly wrong: readonly string[]
  /** Number of the operation. */
  readonly count: number
  readonly journal: readonly string[]
}

/** One operation that has ended. */
export interface Ended {
  readonly turn: Turn
  /** Its own, or the last one of others. */
  readonly fault: string
  readonly words: string
  readonly milliseconds: number
  /** How many faults were made meanwhile. */
  readonly faults: number
  readonly error: Failure | undefined
  /** The error is the one that is expected. */
  readonly expected: boolean
  readonly wrong: readonly string[]
  readonly journal: () => readonly string[]
}

export interface Counts {
  done: number
  rejected: number
  /** Milliseconds of all, and of the slowest. */
  time: number
  slowest: number
}

/** What has come of all operations. */
export class Findings {
  readonly operations = new Map<string, Counts>()
  /** Those that had a fault of their own, by its name. */
  readonly faults = new Map<string, Counts>()
  readonly wrong: Finding[] = []
  /** What could have been done again and was rejected all the same, though there was one fault at most. */
  readonly rejections = new Map<string, { count: number; example: string }>()
  /** What was rejected, of which a source can be read but once, or that met several faults. */
  excused = 0
  /** Changes of names that were rejected with the word that they may have been done. */
  undecided = 0
  count = 0

  ended({ turn, fault, words, milliseconds, faults, error, expected, wrong, journal }: Ended): void {
    this.count++
    const operation = turn.operation.name
    const rejected = error && !expected ? 1 : 0
    add(this.operations, operation, milliseconds, rejected)
    if (turn.kind) add(this.faults, turn.kind.name, milliseconds, rejected)
    if (wrong.length > 0) {
      this.wrong.push({ operation, fault, words, wrong, count: this.count, journal: journal() })
    }
    if (!error || expected) return
    if (/; it may have been done/.test(error.message) && wrong.length === 0 && !turn.operation.data.length) {
      this.undecided++
      return
    }
    // While the others rest it is one fault, at however many connections it is made.
    const several = turn.alone ? fault === 'data cut twice' : faults > 1
    const isExcused = turn.operation.once || several
    if (isExcused || wrong.length > 0) {
      this.excused++
      return
    }
    const key = `${operation} / ${fault} / ${error.code ?? error.name}`
    const known = this.rejections.get(key)
    if (known) known.count++
    else
      this.rejections.set(key, {
        count: 1,
        example: [`${words}: ${error.message}`, ...journal().slice(-12)].join('\n      '),
      })
  }

  /** Something that belongs to no operation. */
  left(what: string, wrong: string | undefined): void {
    if (wrong === undefined) return
    this.wrong.push({
      operation: what,
      fault: '-',
      words: what,
      wrong: [wrong],
      count: this.count,
      journal: [],
    })
  }
}

function add(all: Map<string, Counts>, name: string, milliseconds: number, rejected: number): void {
  const counts = all.get(name) ?? { done: 0, rejected: 0, time: 0, slowest: 0 }
  all.set(name, counts)
  counts.done++
  counts.rejected += rejected
  counts.time += milliseconds
  counts.slowest = Math.max(counts.slowest, milliseconds)
}
