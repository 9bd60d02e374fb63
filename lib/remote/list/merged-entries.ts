import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { NameSet } from './name-set.js'

/**
 * The entries of one listing, each name once. A name with a newline can produce an extra line: if
 * two lines of a name contradict each other, neither is a folder.
 */
export class MergedEntries {
  readonly all: ListedEntry[] = []
  readonly #names = new NameSet()
  /** The index of each name; created when a name is repeated. */
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

/** Merges lists of entries, each name once. */
export function mergedEntries(...lists: readonly (readonly ListedEntry[])[]): ListedEntry[] {
  const merged = new MergedEntries()
  for (const list of lists) merged.add(list)
  return merged.all
}

function merged(one: ListedEntry, other: ListedEntry): ListedEntry {
  if (one.type === other.type && one.typeUnknown === other.typeUnknown) return one
  const entry = { ...(one.type === 'directory' || one.typeUnknown ? other : one) }
  // The server's answer may be about the path that a name with a newline is meant to reach.
  delete entry.typeUnknown
  if (entry.type === 'directory') entry.type = 'other'
  return entry
}
