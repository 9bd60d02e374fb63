import type { ListedEntry } from '../wire/listing/listed-entry.js'

/** What is known of a file or folder; what the server did not say is absent. */
export type EntryInfo = Pick<ListedEntry, 'type'> & {
  [Key in Exclude<keyof ListedEntry, 'name' | 'type'>]?: ListedEntry[Key] | undefined
}
