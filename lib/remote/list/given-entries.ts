import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { NameSet } from './name-set.js'

/**
 * The names that have been given to the user, so that each is given once: a listing that begins anew gives
 * the others only, and so does a server that lists everything twice.
 */
export class GivenEntries {
  readonly #names = new NameSet()

  /** The entries that are to be given now, and count as given from here on. */
  take(entries: readonly ListedEntry[]): ListedEntry[] {
    return entries.filter(({ name }) => this.#names.add(name))
  }
}
