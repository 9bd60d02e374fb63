import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { join } from '../paths.js'

// Some megabytes, with long paths.
const maxFolders = 20_000
// A folder with up to this many entries is small, whatever size its file system reports.
const fewLines = 300

/**
 * The sizes of folders in bytes, as listings report them: of the folder itself, without its
 * contents. File systems count differently, and sizes change: a size only decides how to list the
 * folder.
 */
export class FolderSizes {
  /** The maximum of lines, including `.` and `..`, in a listing that the server did not cut. */
  wholeLines = 0
  readonly #sizes = new Map<ByteString, number>()

  /** Bytes; undefined if no listing has reported them. */
  of(folder: ByteString): number | undefined {
    return this.#sizes.get(folder)
  }

  /** Stores the sizes of the subfolders of a listed folder. */
  learn(folder: ByteString, entries: readonly ListedEntry[]): void {
    for (const { type, name, size } of entries) {
      if (type === 'directory' && size !== undefined) this.#set(join(folder, name), size)
    }
  }

  /** Stores whether a folder that was listed in this many lines is small. */
  learnLines(folder: ByteString, lines: number): void {
    this.#set(folder, lines <= fewLines ? 0 : Infinity)
  }

  #set(folder: ByteString, size: number): void {
    // The newest entries stay.
    this.#sizes.delete(folder)
    this.#sizes.set(folder, size)
    if (this.#sizes.size > maxFolders) this.#sizes.delete(this.#sizes.keys().next().value!)
  }
}
