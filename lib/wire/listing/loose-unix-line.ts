import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import { looseDate } from './loose-date.js'
import type { ByteString } from '../names/names.js'
import { ARROW, dateIndexes, deviceNumbers, parseMode, setOwners, splitLink, types } from './unix-line.js'
import { Words } from './words.js'

// A type, which may be any letter, and permissions, which may be invalid or one letter short.
const typed = /^[A-Za-z?-][-rwxsStTlL]{8,9}[^\w\s-]?$/
const untyped = /^(?:[r-][w-][-xsStTlL]){3}[^\w\s-]?$/
// A size with a unit is rounded; one with a sign or a fraction is not a number of bytes.
const sizeForm = /^-?\d[\d.,]{0,29}(?:[kKMGTPE]i?[bB]?|[bB])?$/

/**
 * Parses a line of `ls -l` whose permissions, size or date `parseUnixLine` cannot read, if the
 * start of the name is certain. Omits from the entry what it cannot read.
 *
 * @param line one line without its line end
 * @param now milliseconds since the epoch, which decides the year of dates without one
 * @returns undefined if the line has no certain name
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
    if (entry.type === 'link' || (entry.typeUnknown && leadsElsewhere(entry))) splitLink(entry)
    return entry
  }
  return undefined
}

/** The type and the mode, as far as the permissions show them. */
function kindOf(permissions: ByteString): Pick<ListedEntry, 'type' | 'typeUnknown' | 'mode'> {
  // Nine letters may be a type with eight permissions, or nine permissions without a type.
  if (untyped.test(permissions)) {
    const mode = parseMode(`-${permissions}`)
    return { type: 'other', typeUnknown: true, ...(mode !== undefined && { mode }) }
  }
  const type = types[permissions.charAt(0)]
  const mode = parseMode(permissions)
  return {
    ...(type ? { type } : { type: 'other' as const, typeUnknown: true as const }),
    ...(mode !== undefined && { mode }),
  }
}

/** No name holds a `/`: text after the arrow that is as long as the listed size is a target. */
function leadsElsewhere({ name, size }: ListedEntry): boolean {
  const at = name.indexOf(ARROW)
  return at > 0 && name.includes('/') && name.length - at - ARROW.length === size
}
