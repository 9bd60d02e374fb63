import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

const form =
  /^ {0,40}(\d{1,15}) {1,20}((?:[ADHRS]{1,5}|DIR)(?: {1,5}[ADHRS]{1,5}){0,3})? {1,20}(\d\d)-(\d\d)-(\d{2,3}) +(\d\d):(\d\d) {1,2}/

/**
 * Parses a line of OS/2: `     0 DIR       02-11-103  16:15  name`. The year counts from 1900.
 *
 * @param line one line without its line end
 * @returns undefined for a line in another format
 */
export function parseOs2Line(line: ByteString): ListedEntry | undefined {
  const found = form.exec(line)
  if (!found || found[0].length >= line.length) return undefined
  const [begin, size, attributes = '', month, day, year, hours, minutes] = found
  const directory = attributes.startsWith('DIR')
  const mtime = utcTime(1900 + Number(year), Number(month), Number(day), Number(hours), Number(minutes))
  return {
    name: line.slice(begin.length),
    type: directory ? 'directory' : 'file',
    ...(!directory && { size: parseDigits(size!) }),
    ...(mtime !== undefined && { mtime, mtimePrecision: 'minute' as const }),
  }
}
