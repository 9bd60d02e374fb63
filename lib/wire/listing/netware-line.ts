import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import { looseDate } from './loose-date.js'
import type { ByteString } from '../names/names.js'

// Trustee rights: supervisor, read, write, create, erase, modify, file scan, access control.
const form = /^([d-]) ?\[[SRWCEMFA-]{7,8}\] +(\S.{0,63}?) {1,40}(\d{1,15}) {1,40}(?=[A-Za-z\d])/

/**
 * Parses a line of NetWare: `d [R----F--] owner     512    Jan 16 18:53 login`. Spaces before the
 * name belong to its column.
 *
 * @param line one line without its line end
 * @param now milliseconds since the epoch, which decides the year of dates without one
 * @returns undefined for a line in another format
 */
export function parseNetwareLine(line: ByteString, now: number): ListedEntry | undefined {
  const found = form.exec(line)
  if (!found) return undefined
  const [begin, type, , size] = found
  const text = line.slice(begin.length)
  const date = looseDate(text, now)
  const name = date && text.slice(date.length).replace(/^ +/, '')
  if (!name) return undefined
  const { mtime, mtimePrecision } = date
  return {
    name,
    type: type === 'd' ? 'directory' : 'file',
    ...(type === '-' && { size: parseDigits(size!) }),
    ...(mtime !== undefined && { mtime, mtimePrecision: mtimePrecision! }),
  }
}
