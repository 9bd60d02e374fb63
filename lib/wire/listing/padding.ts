import type { ListedEntry } from './listed-entry.js'

/**
 * Strips the spaces with which a server pads names. Names are padded if every line ends in the same
 * column and their lengths without trailing spaces differ. Only the last line decides that, so
 * entries are held back from the first name on that ends in a space.
 */
export class Padding {
  #width: number | undefined
  /** The length of the first line without its trailing spaces. */
  #first = 0
  #even = true
  #varied = false
  #held: ListedEntry[] = []

  /**
   * Takes the entry of a line of `length` bytes, and returns the entries that need not be held
   * back.
   */
  take(entry: ListedEntry, length: number): ListedEntry[] {
    if (!this.#even) return [entry]
    const bare = length - spacesBehind(entry)
    if (this.#width === undefined) {
      this.#width = length
      this.#first = bare
    }
    if (length !== this.#width) {
      this.#even = false
      return [...this.#held.splice(0), entry]
    }
    if (bare !== this.#first) this.#varied = true
    if (this.#held.length === 0 && bare === length) return [entry]
    this.#held.push(entry)
    return []
  }

  /** The entries that were held back, when all lines have come. */
  end(): ListedEntry[] {
    const held = this.#held.splice(0)
    if (this.#even && this.#varied) held.forEach(strip)
    return held
  }
}

function spacesBehind({ name, target }: ListedEntry): number {
  const text = target ?? name
  return text.endsWith(' ') ? text.length - withoutSpaces(text).length : 0
}

function strip(entry: ListedEntry): void {
  if (entry.target !== undefined) entry.target = withoutSpaces(entry.target)
  else entry.name = withoutSpaces(entry.name) || entry.name
}

function withoutSpaces(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--
  return text.slice(0, end)
}
