import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { NameSet } from './name-set.js'

/**
 * The entries of one listing, each name once. A name with a newline can make a line of its own: of two lines
 * of one name that say different things, neither is a folder.
 */
export class MergedEntries {
  readonly all: ListedEntry[] = []
  readonly #names = new NameSet()
  /** Where each name is; made when one comes again. */
  #places: Map<ByteString, number> | undefined

  add(entries: readonly ListedEntry[]): void {
    for (const entry of entries) {
      if (this.#names.add(entry.name)) this.#append(entry)
      else this.#merge(entry)
    }
  }

  #append(entry: ListedEntry): void {
    this.#places?.set(entry.name, this.all.length)
    this.all.push(entry)
  }

  #merge(entry: ListedEntry): void {
    this.#places ??= new Map(this.all.map(({ name }, place) => [name, place]))
    const place = this.#places.get(entry.name)
    if (place === undefined) this.#append(entry)
    else this.all[place] = merged(this.all[place]!, entry)
  }
}

/** Entries, each name once. */
export function mergedEntries(...lists: readonly (readonly ListedEntry[])[]): ListedEntry[] {
  const merged = new MergedEntries()
  for (const list of lists) merged.add(list)
  return merged.all
}

function merged(one: ListedEntry, other: ListedEntry): ListedEntry {
  if (one.type === other.type && one.typeUntold === other.typeUntold) return one
  const entry = { ...(one.type === 'directory' || one.typeUntold ? other : one) }
  // The server, when asked, may tell of the one that the name with a newline is meant to reach.
  delete entry.typeUntold
  if (entry.type === 'directory') entry.type = 'other'
  return entry
}
