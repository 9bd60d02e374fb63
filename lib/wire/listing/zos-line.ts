import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

/**
 * The objects that z/OS lists: data sets, members, or members of a load library. Its HFS lists
 * files as `ls` does.
 */
export type ZosPart = 'data sets' | 'members' | 'load modules'

const headers: readonly (readonly [RegExp, ZosPart])[] = [
  [/^ *Volume +Unit +Referred +Ext +Used +Recfm +Lrecl +BlkSz +Dsorg +Dsname *$/, 'data sets'],
  [/^ *Name +VV\.MM +Created +Changed +Size +Init +Mod +Id *$/, 'members'],
  [/^ *Name +Size +TTR +Alias-of +AC\b/, 'load modules'],
]

const qualifier = '[A-Z$#@][A-Z\\d$#@-]{0,7}'
const dataSet = new RegExp(
  String.raw`^(?:\S{1,6} +\S{1,8}|[A-Z]\w*) +(?:\S.* )?(PS|PO|PO-E|DA|VS|VSAM|GDG|PSU|POU|DAU)(?: *| +\S.* )((?:${qualifier}\.)*${qualifier}) *$`,
)
const elsewhere = new RegExp(
  String.raw`^(?:Migrated|Pseudo Directory|ARCIVE Not Direct Access Device|Not Direct Access Device.*|Error determining attributes|.*\bTape) +((?:${qualifier}\.)*${qualifier}) *$`,
  'i',
)
const member = new RegExp(
  String.raw`^ ?(${qualifier}) +\d\d\.\d\d +\d{4}\/\d\d\/\d\d +(\d{4})\/(\d\d)\/(\d\d) +(\d\d):(\d\d)(?::\d\d)? +\d+ +\d+ +\d+ +\S+ *$`,
)
const loadModule = new RegExp(
  String.raw`^ ?(${qualifier}) +[\dA-F]{6,8} +[\dA-F]{6} +(?:${qualifier} +)?\d\d (?:[A-Z\d ]*?) +(?:24|31|64|ANY) +(?:24|31|64|ANY) *$`,
)
const bare = new RegExp(String.raw`^ ?(${qualifier}) *$`)
const referred = /^\S+ +\S+ +(\d{4})\/(\d\d)\/(\d\d) /

/** The objects that follow a header with column names; undefined for any other line. */
export function zosPart(line: ByteString): ZosPart | undefined {
  return headers.find(([form]) => form.test(line))?.[1]
}

/**
 * Parses a line of z/OS for a data set or a member. Tracks, records and the size of a load module
 * in storage give no file size.
 *
 * @param line one line without its line end
 * @param part the objects that the header announced, if any
 * @returns undefined for a line in another format
 */
export function parseZosLine(line: ByteString, part?: ZosPart): ListedEntry | undefined {
  if (part !== 'data sets') {
    const entry = memberIn(line) ?? fileOf(loadModule.exec(line)) ?? (part && fileOf(bare.exec(line)))
    if (entry || part) return entry
  }
  return dataSetIn(line, part)
}

function fileOf(found: RegExpExecArray | null): ListedEntry | undefined {
  return found ? { name: found[1]!, type: 'file' } : undefined
}

function memberIn(line: ByteString): ListedEntry | undefined {
  const found = member.exec(line)
  if (!found) return undefined
  const [, name, year, month, day, hours, minutes] = found
  const mtime = utcTime(Number(year), Number(month), Number(day), Number(hours), Number(minutes))
  return {
    name: name!,
    type: 'file',
    ...(mtime !== undefined && { mtime, mtimePrecision: 'minute' as const }),
  }
}

function dataSetIn(line: ByteString, part: ZosPart | undefined): ListedEntry | undefined {
  const found = dataSet.exec(line)
  const when = referred.exec(line)
  if (found && (part || when)) {
    const [, organisation, name] = found
    const [year, month, day] = (when ?? []).slice(1).map(Number) as [number, number, number]
    const mtime = when ? utcTime(year, month, day) : undefined
    const type = organisation === 'PS' ? 'file' : /^PO/.test(organisation!) ? 'directory' : undefined
    return {
      name: name!,
      ...(type ? { type } : { type: 'other', typeUnknown: true }),
      ...(mtime !== undefined && { mtime, mtimePrecision: 'day' as const }),
    }
  }
  const away = part && elsewhere.exec(line)
  return away ? { name: away[1]!, type: 'other', typeUnknown: true } : undefined
}
