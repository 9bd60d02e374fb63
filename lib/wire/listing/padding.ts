import type { ListedEntry } from './listed-entry.js'

/**
 * Takes off the spaces with which a server pads its names, where every line ends at one column and not all
 * are as long without them. Entries whose names end in a space, and those behind them, are held back until
 * that is known.
 */
export class Padding {
  #width: number | undefined
  /** The length of the first line without spaces at its end. */
  #first = 0
  #even = true
  #varied = false
  #held: ListedEntry[] = []

  /** The entries that are known now, from a line of so many bytes. */
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

  /** The rest, when all lines have come. */
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
