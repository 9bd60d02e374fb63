import type { ListedEntry } from './listed-entry.js'
import { monthOf } from './ls-date.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

/** What a line begins with: a name and its version. */
export interface VmsFile {
  /** Without the version. */
  name: ByteString
  version: number
  /** What the line says behind it. */
  rest: string
}

const fileForm = /^ ?([^\s;\[\]<>:/\\]+(?: [^\s;\[\]<>:/\\]+)*);(\d{1,5})(?: +(\S.*)| *)$/
// Blocks used and allocated, date and time of the last change, owner and protection.
const restForm =
  /^(?:(\d{1,12})(?:\/\d{1,12})? +)?(\d\d?)-([A-Za-z]{3})-(\d{4})(?: +(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?: +.*)?$/
const notices = [/^ *Directory +\S+:?[[<].*[\]>] *$/i, /^ *(?:Grand )?total of \d+ (?:file|director)/i]

/** Whether a line says something of the listing, and of no file in it. */
export function isVmsNotice(line: ByteString): boolean {
  return notices.some(form => form.test(line))
}

/** The name and version that a line begins with; undefined for any other line. */
export function parseVmsFile(line: ByteString): VmsFile | undefined {
  const found = fileForm.exec(line)
  return found ? { name: found[1]!, version: Number(found[2]), rest: found[3] ?? '' } : undefined
}

/**
 * The entry of an OpenVMS file, from what stands behind its name, on the same line or on the next:
 * `11  21-MAR-2012 15:17 [GROUP,OWNER] (RWED,RWED,,RE)`, or a message such as
 * `%RMS-E-PRV, insufficient privilege`. The name of a directory is given without `.DIR`; the size, which is
 * in blocks, is left out.
 *
 * @returns undefined where it is neither
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
