import { dirname, type ByteString } from '../../wire/names/names.js'
import type { EntryInfo } from '../entry.js'
import { ancestors } from '../paths.js'

// Each takes about 200 bytes.
const maxEntries = 100_000

// Beyond this number, the cache is cleared, so that it need not remember older changes.
const maxChanges = 10_000

interface Kept {
  info: EntryInfo
  asked: number
  until: number
}

/**
 * Keeps the results of stat, lstat and listings for `ttl` milliseconds. A change of our own
 * invalidates them, and the answers to earlier questions, when it begins and again when it ends.
 */
export class StatCache {
  /** In the order of their last use. */
  readonly #kept = new Map<string, Kept>()
  /** The number of the last change of the entry at a path and everything below. */
  readonly #changed = new Map<ByteString, number>()
  /** The number of the last change in a folder: it changes the folder's own time, too. */
  readonly #changedIn = new Map<ByteString, number>()
  #now = 0
  /** Answers to questions from before this change number are stale. */
  #oldest = 0

  constructor(
    readonly ttl: number,
    readonly max = maxEntries,
  ) {}

  /** The current change number. Read it before the question, and pass it to `keep`. */
  get now(): number {
    return this.#now
  }

  get size(): number {
    return this.#kept.size
  }

  /**
   * Keeps the facts of the entry at the path, unless it was changed since the question.
   *
   * @param asked `now` at the time of the question
   * @param followed whether they are the facts of a link's target, and not of the link itself
   */
  keep(path: ByteString, info: EntryInfo, asked: number, followed: boolean): void {
    if (this.#isStale(path, asked)) return
    const key = keyOf(path, followed)
    this.#kept.delete(key)
    this.#kept.set(key, { info, asked, until: performance.now() + this.ttl })
    if (this.#kept.size > this.max) this.#kept.delete(this.#kept.keys().next().value!)
  }

  /** The facts of the path that are still valid. */
  get(path: ByteString, followed: boolean): EntryInfo | undefined {
    const key = keyOf(path, followed)
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    this.#kept.delete(key)
    if (kept.until <= performance.now() || this.#isStale(path, kept.asked)) return undefined
    this.#kept.set(key, kept)
    return kept.info
  }

  /** Records that a change of the entries at these paths begins or has ended. */
  change(paths: readonly ByteString[]): void {
    this.#now += 1
    for (const path of paths) {
      this.#changed.set(path, this.#now)
      this.#changedIn.set(dirname(path), this.#now)
    }
    if (this.#changed.size <= maxChanges) return
    this.#oldest = this.#now
    for (const map of [this.#kept, this.#changed, this.#changedIn]) map.clear()
  }

  #isStale(path: ByteString, asked: number): boolean {
    if (asked < this.#oldest || (this.#changedIn.get(path) ?? 0) > asked) return true
    if (this.#changed.size === 0) return false
    return [path, ...ancestors(path)].some(each => (this.#changed.get(each) ?? 0) > asked)
  }
}

function keyOf(path: ByteString, followed: boolean): string {
  return followed ? `>${path}` : path
}
