import type { ListedEntry } from '../wire/listing/listed-entry.js'

/** The known facts of a file or folder. Facts that the server did not report are absent. */
export type EntryInfo = Pick<ListedEntry, 'type'> & {
  [Key in Exclude<keyof ListedEntry, 'name' | 'type'>]?: ListedEntry[Key] | undefined
}
