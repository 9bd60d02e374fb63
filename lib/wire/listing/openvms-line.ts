import type { ListedEntry } from './listed-entry.js'
import { monthOf } from './ls-date.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

/** The name and version at the start of a line. */
export interface VmsFile {
  /** The name without the version. */
  name: ByteString
  version: number
  /** The line after the version. */
  rest: string
}

const fileForm = /^ ?([^\s;\[\]<>:/\\]+(?: [^\s;\[\]<>:/\\]+)*);(\d{1,5})(?: +(\S.*)| *)$/
// Blocks used and allocated, date and time of the last modification, owner and protection.
const restForm =
  /^(?:(\d{1,12})(?:\/\d{1,12})? +)?(\d\d?)-([A-Za-z]{3})-(\d{4})(?: +(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?: +.*)?$/
const notices = [/^ *Directory +\S+:?[[<].*[\]>] *$/i, /^ *(?:Grand )?total of \d+ (?:file|director)/i]

/** Whether a line is about the listing as a whole, not about a file in it. */
export function isVmsNotice(line: ByteString): boolean {
  return notices.some(form => form.test(line))
}

/** The name and version at the start of a line; undefined for any other line. */
export function parseVmsFile(line: ByteString): VmsFile | undefined {
  const found = fileForm.exec(line)
  return found ? { name: found[1]!, version: Number(found[2]), rest: found[3] ?? '' } : undefined
}

/**
 * The entry of an OpenVMS file, from the text after its name, on the same line or on the next:
 * `11  21-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)`, or a message such as
 * `%RMS-E-PRV, insufficient privilege`. A directory's name loses its `.DIR`. The size is omitted,
 * because it is in blocks.
 *
 * @returns undefined if the text is neither
 */
export function vmsEntry({ name }: VmsFile, rest: string): ListedEntry | undefined {
  const found = restForm.exec(rest.trim())
  if (!found && !/^ *%[A-Z]+-[A-Z]-[A-Z]+\b/.test(rest)) return undefined
  const [, , day, month = '', year, hours = 0, minutes = 0, seconds = 0] = found ?? []
  const mtime = utcTime(
    Number(year),
    monthOf(month),
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  )
  const precision = found?.[7] !== undefined ? 'second' : found?.[5] !== undefined ? 'minute' : 'day'
  const directory = /^(.+)\.DIR$/i.exec(name)?.[1]
  return {
    name: directory ?? name,
    type: directory === undefined ? 'file' : 'directory',
    ...(mtime !== undefined && { mtime, mtimePrecision: precision }),
  }
}
