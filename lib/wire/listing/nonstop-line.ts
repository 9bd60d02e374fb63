import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import { monthOf } from './ls-date.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

const form =
  /^([A-Z$#][A-Z\d]{0,7}) +\d{1,5}[A-Z+]{0,3} +(\d{1,15}) +(\d\d?)-([A-Z][a-z]{2})-(\d\d) +(\d\d):(\d\d):(\d\d) +\d{1,3}, *\d{1,3}(?: +\S.*)?$/
const header = /^ *File +Code +EOF +Last Modification\b/i

/** Whether a line is the header with the column names of a NonStop listing. */
export function isNonstopHeader(line: ByteString): boolean {
  return header.test(line)
}

/**
 * Parses a line of HP NonStop: `FILE1   101   528 12-Jan-14 14:21:18 255, 0 "rwep"`.
 *
 * @param line one line without its line end
 * @returns undefined for a line in another format
 */
export function parseNonstopLine(line: ByteString): ListedEntry | undefined {
  const found = form.exec(line)
  if (!found) return undefined
  const [, name, size, day, month, year, ...time] = found
  const mtime = utcTime(
    Number(year) + (Number(year) < 70 ? 2000 : 1900),
    monthOf(month!),
    Number(day),
    ...time.map(Number),
  )
  return {
    name: name!,
    type: 'file',
    size: parseDigits(size!),
    ...(mtime !== undefined && { mtime, mtimePrecision: 'second' as const }),
  }
}
