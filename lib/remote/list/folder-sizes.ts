import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { join } from '../paths.js'

// Some megabytes, with long paths.
const maxFolders = 20_000
// A folder of so many entries is small, whatever its file system says.
const fewLines = 300

/**
 * How big folders are, as far as listings have told: in bytes, of the folder and not of what is in
 * it. File systems differ in what they count, and things change: this says how best to ask for a
 * listing, and nothing of what it will be.
 */
export class FolderSizes {
  /**
   * The most lines, `.` and `..` among them, that a listing has had which the server did not cut.
   */
  wholeLines = 0
  readonly #sizes = new Map<ByteString, number>()

  /** Bytes; undefined where nothing has told. */
  of(folder: ByteString): number | undefined {
    return this.#sizes.get(folder)
  }

  /** Takes note of the folders in one that was listed. */
  learn(folder: ByteString, entries: readonly ListedEntry[]): void {
    for (const { type, name, size } of entries) {
      if (type === 'directory' && size !== undefined) this.#set(join(folder, name), size)
    }
  }

  /** A folder was listed in so many lines. */
  learnLines(folder: ByteString, lines: number): void {
    this.#set(folder, lines <= fewLines ? 0 : Infinity)
  }

  #set(folder: ByteString, size: number): void {
    // The newest stay.
    this.#sizes.delete(folder)
    this.#sizes.set(folder, size)
    if (this.#sizes.size > maxFolders) this.#sizes.delete(this.#sizes.keys().next().value!)
  }
}
