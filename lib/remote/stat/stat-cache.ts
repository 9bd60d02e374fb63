import { dirname, type ByteString } from '../../wire/names/names.js'
import type { EntryInfo } from '../entry.js'
import { ancestors } from '../paths.js'

// Of some 200 bytes each.
const maxEntries = 100_000

// Older ones need not be remembered: when there are more, all that is kept is let go.
const maxChanges = 10_000

interface Kept {
  info: EntryInfo
  asked: number
  until: number
}

/**
 * What stat, lstat and listings have told, for `ttl` milliseconds. What we change ourselves, and what was asked before that,
 * counts no longer from the moment at which the change begins, and again from that at which it ends.
 */
export class StatCache {
  /** The one used last comes last. */
  readonly #kept = new Map<string, Kept>()
  /** When the entry at a path, and all below it, was changed last; counted in changes. */
  readonly #changed = new Map<ByteString, number>()
  /** The same of folders in which something was made or removed: it changes their own times. */
  readonly #changedIn = new Map<ByteString, number>()
  #now = 0
  /** What was asked before counts no longer. */
  #oldest = 0

  constructor(
    readonly ttl: number,
    readonly max = maxEntries,
  ) {}

  /** The moment, for `keep`: to be taken when the question is asked. */
  get now(): number {
    return this.#now
  }

  get size(): number {
    return this.#kept.size
  }

  /** Keeps what is at the path, the link itself or (`followed`) what it leads to, if nothing was changed since it was asked. */
  keep(path: ByteString, info: EntryInfo, asked: number, followed: boolean): void {
    if (this.#isStale(path, asked)) return
    const key = keyOf(path, followed)
    this.#kept.delete(key)
    this.#kept.set(key, { info, asked, until: performance.now() + this.ttl })
    if (this.#kept.size > this.max) this.#kept.delete(this.#kept.keys().next().value!)
  }

  /** What is known of the path. */
  get(path: ByteString, followed: boolean): EntryInfo | undefined {
    const key = keyOf(path, followed)
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    this.#kept.delete(key)
    if (kept.until <= performance.now() || this.#isStale(path, kept.asked)) return undefined
    this.#kept.set(key, kept)
    return kept.info
  }

  /** The entries at these paths are being changed, or have been. */
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
