import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

const beginning = /^(\d{1,4})([-/])(\d{1,2})\2(\d{1,4}) +(\d{1,2}):(\d\d)(?: ?([AaPp])[Mm])? +/
/** Some versions of Windows group thousands by commas, points or apostrophes. */
const thousandsForm = /^\d{1,3}([,.'])\d{3}(?:\1\d{3})*$/
const tagForm = /^<([A-Z]{1,12})>/

/** Tags of links. The target follows the name, in brackets. */
export const links = ['JUNCTION', 'SYMLINKD', 'SYMLINK']

/** `dir` and IIS pad `<DIR>` and the other tags to this width; the name follows. */
const TAG_WIDTH = 15

/**
 * Parses a line in the format of DOS and IIS: `01-23-24  05:30PM       <DIR>          name`.
 *
 * The date is MM-DD-YY, MM-DD-YYYY or YYYY-MM-DD, also with slashes; a year below 70 is 20YY. The
 * clock has 12 or 24 hours. The name is every byte after the single space that follows the size.
 * `<JUNCTION>`, `<SYMLINKD>` and `<SYMLINK>` are links; their target is in the last ` [` … `]`.
 *
 * @param line one line without its line end
 * @returns undefined for a line in another format
 */
export function parseDosLine(line: ByteString): ListedEntry | undefined {
  const found = beginning.exec(line)
  if (!found) return undefined
  const mtime = parseDate(found)
  if (mtime === undefined) return undefined

  const rest = line.slice(found[0].length)
  const entry = rest.startsWith('<') ? tagged(rest) : sized(rest)
  if (entry === undefined) return undefined
  entry.mtime = mtime
  entry.mtimePrecision = 'minute'
  return entry
}

function parseDate(found: RegExpExecArray): number | undefined {
  const [, first = '', , second = '', third = '', hours = '', minutes = '', half] = found
  const isoOrder = first.length === 4
  const [year, month, day] = isoOrder ? [first, second, third] : [third, first, second]
  if (month.length > 2 || day.length > 2) return undefined

  let hour = parseDigits(hours)
  if (half) {
    if (hour < 1 || hour > 12) return undefined
    hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  }
  return utcTime(fullYear(year), parseDigits(month), parseDigits(day), hour, parseDigits(minutes))
}

export function fullYear(digits: string): number {
  const year = parseDigits(digits)
  if (digits.length === 4) return year
  return digits.length === 2 ? year + (year < 70 ? 2000 : 1900) : -1
}

function sized(rest: string): ListedEntry | undefined {
  const space = rest.indexOf(' ')
  // No size that fits a double has 30 characters.
  if (space < 1 || space > 30 || space + 1 === rest.length) return undefined
  const digits = rest.slice(0, space)
  let size = parseDigits(digits)
  if (size < 0 && thousandsForm.test(digits)) size = parseDigits(digits.replace(/[,.']/g, ''))
  return size < 0 ? undefined : { name: rest.slice(space + 1), type: 'file', size }
}

function tagged(rest: string): ListedEntry | undefined {
  const tag = tagForm.exec(rest)
  if (!tag) return undefined
  const name = afterTag(rest, tag[0].length)
  if (name === '') return undefined
  if (tag[1] === 'DIR') return { name, type: 'directory' }
  return links.includes(tag[1] ?? '') ? linked(name) : undefined
}

/**
 * The name after a tag. A padded tag puts the name in a fixed column, so that its leading spaces
 * are kept; otherwise the name begins at the first word.
 */
export function afterTag(rest: string, tagLength: number): string {
  if (!rest.startsWith(' ', tagLength)) return ''
  const padded = rest.length > TAG_WIDTH && /^ +$/.test(rest.slice(tagLength, TAG_WIDTH))
  return padded ? rest.slice(TAG_WIDTH) : rest.slice(tagLength).replace(/^ +/, '')
}

/** A link, with its target if the text ends in ` [target]`. */
export function linked(text: string): ListedEntry {
  const at = text.endsWith(']') ? text.lastIndexOf(' [') : -1
  if (at <= 0) return { name: text, type: 'link' }
  return { name: text.slice(0, at), type: 'link', target: text.slice(at + 2, -1) }
}
