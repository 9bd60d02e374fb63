import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { ARROW } from './unix-line.js'
import { utcTime } from '../time/time-val.js'

const header = /^(?:Files: +\d+ +Blocks: +\d+|(Dirs|Links): +\d+) *$/
const when = String.raw`(\d\d)-(\d\d)-(\d\d) +(\d\d):(\d\d):(\d\d) {1,2}`
const form = new RegExp(String.raw`^ ?[a-z] +\d{1,9} +(?:([a-z]\S{0,7}) +)?${when}`)
const linkForm = new RegExp(String.raw`^ ?${when}`)

/** What the lines behind a heading of Stratus VOS are. */
export type VosPart = 'file' | 'directory' | 'link'

/** The part of a listing of Stratus VOS that a heading begins, `Files: 4  Blocks: 609`; undefined for any other line. */
export function vosPart(line: ByteString): VosPart | undefined {
  const found = header.exec(line)
  if (!found) return undefined
  return found[1] === 'Dirs' ? 'directory' : found[1] === 'Links' ? 'link' : 'file'
}

/**
 * One line as Stratus VOS writes it: `w    158 stm       90-05-19 11:53:44  acctng.cobol`, in blocks,
 * which say nothing of a size. Directories have no organisation between blocks and date, links only
 * the date before ` -> `.
 *
 * @param line one line without its line end
 * @param part what the heading before it says, if there was one
 * @returns undefined when it is not such a line
 */
export function parseVosLine(line: ByteString, part?: VosPart): ListedEntry | undefined {
  const found = part === 'link' ? linkForm.exec(line) : form.exec(line)
  if (!found || found[0].length >= line.length) return undefined
  const [year, month, day, ...time] = found.slice(-6).map(Number) as [number, number, number]
  const mtime = utcTime(year + (year < 70 ? 2000 : 1900), month, day, ...time)
  const text = line.slice(found[0].length)
  const arrow = part === 'link' ? text.indexOf(ARROW) : -1
  // Without a heading a line with an organisation is of a file.
  const type = part ?? (found.length > 7 && found[1] !== undefined ? 'file' : undefined)
  return {
    name: arrow > 0 ? text.slice(0, arrow).trimEnd() : text,
    ...(type ? { type } : { type: 'other', typeUntold: true }),
    ...(arrow > 0 && { target: text.slice(arrow + ARROW.length) }),
    ...(mtime !== undefined && { mtime, mtimePrecision: 'second' as const }),
  }
}
