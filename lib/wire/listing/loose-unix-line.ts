import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import { looseDate } from './loose-date.js'
import type { ByteString } from '../names/names.js'
import { ARROW, dateIndexes, deviceNumbers, parseMode, setOwners, splitLink, types } from './unix-line.js'
import { Words } from './words.js'

// A type, which may be any letter, and permissions, which may be wrong, or one letter short.
const typed = /^[A-Za-z?-][-rwxsStTlL]{8,9}[^\w\s-]?$/
const untyped = /^(?:[r-][w-][-xsStTlL]){3}[^\w\s-]?$/
// With a unit it is rounded, with a sign or a fraction no number of bytes.
const sizeForm = /^-?\d[\d.,]{0,29}(?:[kKMGTPE]i?[bB]?|[bB])?$/

/**
 * A line in the format of `ls -l` of which `parseUnixLine` cannot read the permissions, the size or the
 * date, while it is certain where the name begins: what cannot be read is left out.
 *
 * @param line one line without its line end
 * @param now milliseconds since the epoch, to give dates a year
 * @returns undefined when no name can be found in it
 */
export function parseLooseUnixLine(line: ByteString, now: number): ListedEntry | undefined {
  const words = new Words(line)
  const permissions = words.at(0)
  if (!typed.test(permissions) && !untyped.test(permissions)) return undefined
  for (const index of dateIndexes) {
    const numbers = deviceNumbers(words, index)
    const size = words.at(index - 1)
    if (index < 2 || !(sizeForm.test(size) || numbers > 0)) continue
    const text = words.from(index)
    const date = looseDate(text, now)
    if (!date || date.length >= text.length) continue

    const entry: ListedEntry = { name: text.slice(date.length), ...kindOf(permissions) }
    const bytes = parseDigits(size)
    if (bytes >= 0 && numbers === 0) entry.size = bytes
    if (date.mtime !== undefined) {
      entry.mtime = date.mtime
      entry.mtimePrecision = date.mtimePrecision!
    }
    setOwners(entry, words, index - Math.max(numbers, 1))
    if (entry.type === 'link' || (entry.typeUntold && leadsElsewhere(entry))) splitLink(entry)
    return entry
  }
  return undefined
}

/** The type and the mode, as far as the permissions say them. */
function kindOf(permissions: ByteString): Pick<ListedEntry, 'type' | 'typeUntold' | 'mode'> {
  // Nine letters may be a type with a letter too few, and permissions without a type.
  if (untyped.test(permissions)) {
    const mode = parseMode(`-${permissions}`)
    return { type: 'other', typeUntold: true, ...(mode !== undefined && { mode }) }
  }
  const type = types[permissions.charAt(0)]
  const mode = parseMode(permissions)
  return {
    ...(type ? { type } : { type: 'other' as const, typeUntold: true as const }),
    ...(mode !== undefined && { mode }),
  }
}

/** No name holds a `/`: behind the arrow is a target, where it is as long as the listing says. */
function leadsElsewhere({ name, size }: ListedEntry): boolean {
  const at = name.indexOf(ARROW)
  return at > 0 && name.includes('/') && name.length - at - ARROW.length === size
}
