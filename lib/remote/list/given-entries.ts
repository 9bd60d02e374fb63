import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { NameSet } from './name-set.js'

/**
 * The names already given to the user, so that each is given once, even if a listing starts again
 * or a server lists everything twice.
 */
export class GivenEntries {
  readonly #names = new NameSet()

  /** Returns the entries that are new, and counts them as given. */
  take(entries: readonly ListedEntry[]): ListedEntry[] {
    return entries.filter(({ name }) => this.#names.add(name))
  }
}
