import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import { basename, type ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

const form =
  /^(\S{1,10}) +(?:(\d{1,15}) +(\d\d)([/.-])(\d\d)\4(\d\d) +(\d\d):(\d\d):(\d\d) +)?(\*[A-Z\d]{1,9}) *(?= )/
/** A server that pads types pads them to this width; the name follows after a space. */
const TYPE_WIDTH = 10

const types: Record<string, ListedEntry['type']> = {
  '*STMF': 'file',
  '*DSTMF': 'file',
  '*MEM': 'file',
  '*DIR': 'directory',
  '*DDIR': 'directory',
  '*LIB': 'directory',
  '*FLR': 'directory',
  '*SYMLNK': 'link',
}

/**
 * Parses a line of IBM i without `SITE LISTFMT 1`:
 * `QSYS            77824 02/23/00 15:09:55 *DIR       name/`. A `*FILE` may hold members or be a
 * file, so its type stays unknown, as that of other objects does.
 *
 * The job decides the order of day, month and year: a date with more than one reading in the past
 * gives no time.
 *
 * @param line one line without its line end
 * @param now milliseconds since the epoch
 * @param folder the path of the folder, whose name may precede those of its members
 * @returns undefined for a line in another format; `member` for a member of a file in the folder,
 *   which is no entry of the folder itself
 */
export function parseIbmILine(
  line: ByteString,
  now: number,
  folder: ByteString = '',
): ListedEntry | 'member' | undefined {
  const found = form.exec(line)
  if (!found) return undefined
  const [begin, , size, one, , two, three, hours, minutes, seconds, type] = found
  let name = nameIn(line.slice(begin.length - type!.length - spacesAtEnd(begin)), type!.length)
  if (name.endsWith('/')) name = name.slice(0, -1)
  const slash = name.indexOf('/')
  if (type === '*MEM' && slash > 0) {
    if (name.slice(0, slash) !== basename(folder)) return /^[^/]+\/[^/]+$/.test(name) ? 'member' : undefined
    name = name.slice(slash + 1)
  }
  if (name === '') return undefined
  const known = types[type!]
  const entry: ListedEntry = { name, ...(known ? { type: known } : { type: 'other', typeUnknown: true }) }
  if (entry.type === 'file' && size !== undefined) entry.size = parseDigits(size)
  const time = [hours, minutes, seconds].map(Number)
  const mtime = one === undefined ? undefined : theOnly([one, two, three].map(Number), time, now)
  if (mtime !== undefined) {
    entry.mtime = mtime
    entry.mtimePrecision = 'second'
  }
  return entry
}

function spacesAtEnd(text: string): number {
  return text.length - text.replace(/ +$/, '').length
}

/** The name in a text that begins with the type. */
function nameIn(text: ByteString, typeLength: number): ByteString {
  const padded = text.length > TYPE_WIDTH + 1 && /^ +$/.test(text.slice(typeLength, TYPE_WIDTH + 1))
  return padded ? text.slice(TYPE_WIDTH + 1) : text.slice(typeLength).replace(/^ +/, '')
}

/** The time, if all valid readings of the date agree. */
function theOnly(date: number[], time: number[], now: number): number | undefined {
  const [one, two, three] = date as [number, number, number]
  const readings = [
    [three, two, one],
    [three, one, two],
    [one, two, three],
  ].map(([year, month, day]) => utcTime(year! + (year! < 70 ? 2000 : 1900), month!, day!, ...time))
  const [only, ...others] = new Set(
    readings.filter(reading => reading !== undefined && reading <= now + 24 * 60 * 60 * 1000),
  )
  return others.length === 0 ? only : undefined
}
