import { afterTag, fullYear, linked, links } from './dos-line.js'
import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

// A word before the clock time means morning or afternoon, in the server's language.
const beginning =
  /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})\.? {1,9}(?:([^\s\d<]\S{0,11}) {1,3})?(\d{1,2})[:.](\d\d)(?:[:.]\d\d)?(?: ?([AaPp])\.? ?[Mm]\.?)? +/
/** The separator of thousands may be a no-break space of a DOS or Windows code page or of UTF-8. */
const sizeForm = /^-?\d[\d,.'\xa0\xff\xc2\xe2\x80\xaf]{0,40}$/
const tagForm = /^<([^<>\s]{1,12})>/

/**
 * Parses a line of DOS or Windows whose date, size or tag `parseDosLine` cannot read, if the start
 * of the name is certain. Omits from the entry what it cannot read. The day comes before the month
 * in a date with points, and if the first number exceeds 12. `<REP>` and other tags do not show the
 * type.
 *
 * @param line one line without its line end
 * @returns undefined if the line has no certain name
 */
export function parseLooseDosLine(line: ByteString): ListedEntry | undefined {
  const found = beginning.exec(line)
  if (!found) return undefined
  const rest = line.slice(found[0].length)
  const entry = rest.startsWith('<') ? tagged(rest) : sized(rest)
  const mtime = timeIn(found)
  if (!entry || mtime === undefined) return entry
  return { ...entry, mtime, mtimePrecision: 'minute' }
}

function timeIn(found: RegExpExecArray): number | undefined {
  const [, first = '', sign, second = '', third = '', word, hours = '', minutes = '', half] = found
  const date = first.length === 4 ? [first, second, third] : [third, first, second]
  if (first.length !== 4 && (sign === '.' || Number(first) > 12)) date.splice(1, 2, second, first)
  const [year = '', month = '', day = ''] = date
  if (word !== undefined || month.length > 2 || day.length > 2) return undefined
  const hour = Number(hours)
  if (half !== undefined && (hour < 1 || hour > 12)) return undefined
  const late = half?.toLowerCase() === 'p' ? 12 : 0
  return utcTime(
    year.length === 3 ? 1900 + Number(year) : fullYear(year),
    Number(month),
    Number(day),
    half === undefined ? hour : (hour % 12) + late,
    Number(minutes),
  )
}

function sized(rest: string): ListedEntry | undefined {
  const space = rest.indexOf(' ')
  if (space < 1 || space + 1 === rest.length || !sizeForm.test(rest.slice(0, space))) return undefined
  const bytes = bytesIn(rest.slice(0, space))
  return { name: rest.slice(space + 1), type: 'file', ...(bytes >= 0 && { size: bytes }) }
}

/** The number of bytes; -1 if the text may be a number with a fraction. */
function bytesIn(text: string): number {
  if (!/^\d{1,3}(?:([^\d-]{1,3})\d{3})(?:\1\d{3})*$/.test(text)) return parseDigits(text)
  return parseDigits(text.replace(/\D/g, ''))
}

function tagged(rest: string): ListedEntry | undefined {
  const tag = tagForm.exec(rest)
  const name = tag ? afterTag(rest, tag[0].length) : ''
  if (name === '') return undefined
  if (tag![1] === 'DIR') return { name, type: 'directory' }
  return links.includes(tag![1]!) ? linked(name) : { name, type: 'other', typeUnknown: true }
}
