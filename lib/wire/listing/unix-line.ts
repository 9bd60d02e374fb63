import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { dateAt, type ListedDate } from './ls-date.js'
import { Words } from './words.js'

/**
 * Parses a line of `ls -l`, as vsftpd, ProFTPD, Pure-FTPd, pyftpdlib, ftp-srv and IIS (in its Unix
 * style) print it: `-rw-r--r--    1 1000     1000            3 Jan 05 10:00 name`.
 *
 * The number of links, owner and group may be missing. The name is every byte after the single
 * space that follows the date, with spaces at either end; it may be a path (`STAT file`).
 *
 * A date without a year gets the latest year that puts it at most one day after `now`: servers omit
 * the year only for about the last six months. (ProFTPD, Pure-FTPd and pyftpdlib omit it for any
 * future date too: such a file appears a year or more too old.)
 *
 * A link is split where the target is as long as the size column says, which is lstat's size; if
 * that is impossible, at the first ` -> `.
 *
 * @param line one line without its line end
 * @param now milliseconds since the epoch
 * @returns undefined for a line in another format
 */
export function parseUnixLine(line: ByteString, now: number): ListedEntry | undefined {
  return defaultLine(line, now) ?? anyLine(line, now)
}

function anyLine(line: ByteString, now: number): ListedEntry | undefined {
  const type = types[line.charAt(0)]
  if (type === undefined) return undefined
  const words = new Words(line)
  const mode = parseMode(words.at(0))
  if (mode === undefined) return undefined

  for (const index of dateIndexes) {
    const date = dateAt(words, index, now)
    if (date === undefined) continue
    const size = parseDigits(words.at(index - 1))
    const numbers = type === 'other' ? deviceNumbers(words, index) : 0
    if (size < 0 && numbers === 0) continue

    const nameStart = words.end(index + date.words - 1) + 1
    if (nameStart >= line.length) return undefined
    const entry: ListedEntry = { name: line.slice(nameStart), type }
    if (numbers === 0) entry.size = size
    entry.mtime = date.mtime
    entry.mtimePrecision = date.precision
    entry.mode = mode
    setOwners(entry, words, index - Math.max(numbers, 1))
    if (type === 'link') splitLink(entry)
    return entry
  }
  return undefined
}

// Permissions, links, owner, group, size and date of GNU ls, vsftpd, ProFTPD and Pure-FTPd.
const usual =
  /^([-d][-rwxsStT]{9}) +(\d{1,9}) +(\S+) +(\S+) +(\d{1,15}) ((?:[A-Z][a-z]{2}) [ \d]\d (?:\d\d:\d\d| \d{4})) /

/** Parsed values of the last usual line: most lines of a folder share them. */
const last = {
  now: 0,
  permissions: '',
  mode: undefined as number | undefined,
  when: '',
  date: undefined as ListedDate | undefined,
}

/** As `parseUnixLine`, in a third of the time, for the lines of nearly every listing. */
function defaultLine(line: ByteString, now: number): ListedEntry | undefined {
  const found = usual.exec(line)
  if (!found || found[0].length >= line.length) return undefined
  const [begin, permissions, nlink, owner, group, size, when] = found as unknown as string[]
  if (permissions !== last.permissions) {
    last.permissions = permissions!
    last.mode = parseMode(permissions!)
  }
  if (when !== last.when || now !== last.now) {
    last.when = when!
    last.now = now
    last.date = dateAt(new Words(when!), 0, now)
  }
  if (last.mode === undefined || last.date === undefined) return undefined
  const entry: ListedEntry = {
    name: line.slice(begin!.length),
    type: permissions!.startsWith('d') ? 'directory' : 'file',
    size: Number(size),
    mtime: last.date.mtime,
    mtimePrecision: last.date.precision,
    mode: last.mode,
    nlink: Number(nlink),
  }
  const uid = parseDigits(owner!)
  if (uid >= 0) entry.uid = uid
  const gid = parseDigits(group!)
  if (gid >= 0) entry.gid = gid
  return entry
}

/** The type by the first letter (`ls` of GNU, BSD and Solaris). */
export const types: Record<string, ListedEntry['type']> = {
  '-': 'file',
  d: 'directory',
  l: 'link',
  b: 'other',
  c: 'other',
  p: 'other',
  s: 'other',
  D: 'other',
  P: 'other',
  n: 'other',
  w: 'other',
  '?': 'other',
}

/**
 * The words at which the date may begin, likeliest first: after permissions, links, owner, group
 * and size; without group; without owner and group; with a device's two numbers, or a space in the
 * owner's or group's name; with nothing but the size. In this order, a name, owner or group that
 * looks like a date does no harm.
 */
export const dateIndexes = [5, 4, 3, 6, 2, 7] as const

/** Permission bits of `drwxr-xr-x`; a sign for an ACL or attributes (`+`, `@`, `.`) may follow. */
export function parseMode(word: string): number | undefined {
  if (word.length !== 10 && !(word.length === 11 && '.+@'.includes(word.charAt(10)))) return undefined
  let mode = 0
  for (let at = 0; at < 9; at++) {
    const letter = word.charAt(at + 1)
    if (letter === '-') continue
    const bit = 0o400 >> at
    const special = at === 2 ? 0o4000 : at === 5 ? 0o2000 : at === 8 ? 0o1000 : 0
    if (letter === 'rwx'.charAt(at % 3)) mode |= bit
    else if (special === 0) return undefined
    else if (letter === (at === 8 ? 't' : 's')) mode |= bit | special
    else if (letter === (at === 8 ? 'T' : 'S')) mode |= special
    // Solaris prints setgid without x, which means mandatory locking, as l.
    else if (at === 5 && (letter === 'l' || letter === 'L')) mode |= special
    else return undefined
  }
  return mode
}

/** The number of words before the date that hold a device's major and minor number, not a size. */
export function deviceNumbers(words: Words, date: number): 0 | 1 | 2 {
  if (/^\d+,\d+$/.test(words.at(date - 1))) return 1
  return /^\d+,$/.test(words.at(date - 2)) && parseDigits(words.at(date - 1)) >= 0 ? 2 : 0
}

/** Sets links, owner and group from the words 1 to `end`. */
export function setOwners(entry: ListedEntry, words: Words, end: number): void {
  const nlink = end > 1 ? parseDigits(words.at(1)) : -1
  if (nlink >= 0) entry.nlink = nlink
  const owner = nlink >= 0 ? 2 : 1
  // With more than two words, a space is in the owner's or the group's name: it is unknown which.
  if (end <= owner || end > owner + 2) return
  const uid = parseDigits(words.at(owner))
  if (uid >= 0) entry.uid = uid
  const gid = end === owner + 2 ? parseDigits(words.at(owner + 1)) : -1
  if (gid >= 0) entry.gid = gid
}

export const ARROW = ' -> '

/** Splits the name of a link at ` -> ` into name and target. */
export function splitLink(entry: ListedEntry): void {
  const text = entry.name
  const bySize = text.length - (entry.size ?? 0) - ARROW.length
  const at = entry.size && bySize > 0 && text.startsWith(ARROW, bySize) ? bySize : text.indexOf(ARROW)
  if (at <= 0) return
  entry.name = text.slice(0, at)
  entry.target = text.slice(at + ARROW.length)
}
