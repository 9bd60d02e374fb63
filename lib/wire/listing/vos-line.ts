import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { ARROW } from './unix-line.js'
import { utcTime } from '../time/time-val.js'

const header = /^(?:Files: +\d+ +Blocks: +\d+|(Dirs|Links): +\d+) *$/
const when = String.raw`(\d\d)-(\d\d)-(\d\d) +(\d\d):(\d\d):(\d\d) {1,2}`
const form = new RegExp(String.raw`^ ?[a-z] +\d{1,9} +(?:([a-z]\S{0,7}) +)?${when}`)
const linkForm = new RegExp(String.raw`^ ?${when}`)

/** The type of the entries that follow a heading of Stratus VOS. */
export type VosPart = 'file' | 'directory' | 'link'

/**
 * The part of a Stratus VOS listing that a heading such as `Files: 4  Blocks: 609` begins;
 * undefined for any other line.
 */
export function vosPart(line: ByteString): VosPart | undefined {
  const found = header.exec(line)
  if (!found) return undefined
  return found[1] === 'Dirs' ? 'directory' : found[1] === 'Links' ? 'link' : 'file'
}

/**
 * Parses a line of Stratus VOS: `w    158 stm       90-05-19 11:53:44  acctng.cobol`. The count of
 * blocks gives no size. A directory has no organisation between blocks and date; a link has only
 * the date before name and ` -> `.
 *
 * @param line one line without its line end
 * @param part the part that the last heading began, if any
 * @returns undefined for a line in another format
 */
export function parseVosLine(line: ByteString, part?: VosPart): ListedEntry | undefined {
  const found = part === 'link' ? linkForm.exec(line) : form.exec(line)
  if (!found || found[0].length >= line.length) return undefined
  const [year, month, day, ...time] = found.slice(-6).map(Number) as [number, number, number]
  const mtime = utcTime(year + (year < 70 ? 2000 : 1900), month, day, ...time)
  const text = line.slice(found[0].length)
  const arrow = part === 'link' ? text.indexOf(ARROW) : -1
  // Without a heading, a line with an organisation is a file.
  const type = part ?? (found.length > 7 && found[1] !== undefined ? 'file' : undefined)
  return {
    name: arrow > 0 ? text.slice(0, arrow).trimEnd() : text,
    ...(type ? { type } : { type: 'other', typeUnknown: true }),
    ...(arrow > 0 && { target: text.slice(arrow + ARROW.length) }),
    ...(mtime !== undefined && { mtime, mtimePrecision: 'second' as const }),
  }
}
