import { parseDigits } from './digits.js'
import type { ListedEntry } from './listed-entry.js'
import type { ByteString } from './names.js'
import { isLeapYear, utcTime } from './time-val.js'

/**
 * One line in the format of `ls -l`, as vsftpd, ProFTPD, Pure-FTPd, pyftpdlib, ftp-srv and IIS (in its
 * Unix style) print it: `-rw-r--r--    1 1000     1000            3 Jan 05 10:00 name`.
 *
 * The number of links, owner and group may be missing. The name is every byte behind the one space that
 * follows the date, spaces at its ends included; it may be a path (`STAT file`).
 *
 * A date without a year is given the latest year that puts it at most one day after `now`: servers leave
 * the year out only for the last six months, or so. (ProFTPD, Pure-FTPd and pyftpdlib leave it out for any
 * date in the future too: such a file appears a year too old, or more.)
 *
 * Name and target of a link are parted where the target is as long as the size column says, which is what
 * lstat gives; if there is no such place, at the first ` -> `.
 *
 * @param line one line without its line end
 * @param now milliseconds since the epoch
 * @returns undefined when it is not such a line
 */
export function parseUnixLine(line: ByteString, now: number): ListedEntry | undefined {
  return usualLine(line, now) ?? anyLine(line, now)
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

// Permissions, links, owner, group, size and date as GNU ls, vsftpd, ProFTPD and Pure-FTPd write them.
const usual =
  /^([-d][-rwxsStT]{9}) +(\d{1,9}) +(\S+) +(\S+) +(\d{1,15}) ((?:[A-Z][a-z]{2}) [ \d]\d (?:\d\d:\d\d| \d{4})) /

/** What the last usual line said: lines of one folder have most of it in common. */
const last = {
  now: 0,
  permissions: '',
  mode: undefined as number | undefined,
  when: '',
  date: undefined as ListedDate | undefined,
}

/** As `parseUnixLine`, for the lines that make up nearly every listing: a third of the time. */
function usualLine(line: ByteString, now: number): ListedEntry | undefined {
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

/** What the first letter says (`ls` of GNU, BSD and Solaris). */
const types: Record<string, ListedEntry['type']> = {
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
 * Which word the date may begin with, likeliest first: after permissions, links, owner, group and size; without
 * group; without owner and group; with a device's two numbers, or a space in the owner's or group's name;
 * with nothing but the size. The order makes a name, owner or group that looks like a date harmless.
 */
const dateIndexes = [5, 4, 3, 6, 2, 7] as const
const WORDS = 10

/** The first words of a line, parted by spaces. */
class Words {
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  constructor(readonly line: string) {
    for (let at = 0; this.#ends.length < WORDS;) {
      while (line.charCodeAt(at) === 32) at++
      if (at >= line.length) break
      const space = line.indexOf(' ', at)
      this.#starts.push(at)
      at = space < 0 ? line.length : space
      this.#ends.push(at)
    }
  }

  /** A word, or an empty string where the line has no such word. */
  at(index: number): string {
    return this.line.slice(this.#starts[index] ?? 0, this.#ends[index] ?? 0)
  }

  end(index: number): number {
    return this.#ends[index] ?? this.line.length
  }
}

/** Permission bits of `drwxr-xr-x`; a sign for an ACL or attributes (`+`, `@`, `.`) may follow. */
function parseMode(word: string): number | undefined {
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
    // Solaris writes setgid without x, which asks for mandatory locking, as l.
    else if (at === 5 && (letter === 'l' || letter === 'L')) mode |= special
    else return undefined
  }
  return mode
}

interface ListedDate {
  mtime: number
  precision: 'second' | 'minute' | 'day'
  /** How many words it takes. */
  words: number
}

/** The date that begins with a word: `Jan 5 10:00`, `Jan 5 2019`, `5 Jan …`, or `2019-01-05 10:00`. */
function dateAt(words: Words, index: number, now: number): ListedDate | undefined {
  const first = words.at(index)
  const second = words.at(index + 1)
  if (first.length === 10 && first[4] === '-' && first[7] === '-') return isoDate(first, second)

  let month = monthOf(first)
  const day = parseDay(month ? second : first)
  month ||= monthOf(second)
  if (!month || day < 0) return undefined

  const third = words.at(index + 2)
  const time = parseTime(third)
  if (time) {
    const mtime = latest(month, day, time, now)
    return mtime === undefined ? undefined : { mtime, precision: precisionOf(time), words: 3 }
  }
  const mtime = third.length === 4 ? utcTime(parseDigits(third), month, day) : undefined
  return mtime === undefined ? undefined : { mtime, precision: 'day', words: 3 }
}

function isoDate(date: string, clock: string): ListedDate | undefined {
  const time = parseTime(clock)
  if (!time) return undefined
  const [year, month, day] = [parseDigits(date, 0, 4), parseDigits(date, 5, 7), parseDigits(date, 8, 10)]
  const mtime = utcTime(year, month, day, ...time)
  return mtime === undefined ? undefined : { mtime, precision: precisionOf(time), words: 2 }
}

/** The number of an English month's first three letters, or 0. */
function monthOf(word: string): number {
  if (word.length !== 3) return 0
  const at = 'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(word.toLowerCase())
  return at % 3 === 0 ? at / 3 + 1 : 0
}

function parseDay(word: string): number {
  return word.length <= 2 ? parseDigits(word) : -1
}

/** Hour, minute and perhaps second of `10:00` or `9:05:59`. */
function parseTime(word: string): number[] | undefined {
  if (word.length > 8) return undefined
  const colon = word.indexOf(':')
  if (colon !== 1 && colon !== 2) return undefined
  const time = [parseDigits(word, 0, colon), parseDigits(word, colon + 1, colon + 3)]
  if (word.length > colon + 3) {
    if (word[colon + 3] !== ':' || word.length !== colon + 6) return undefined
    time.push(parseDigits(word, colon + 4))
  }
  return time
}

function precisionOf(time: number[]): 'second' | 'minute' {
  return time.length === 3 ? 'second' : 'minute'
}

const DAY = 24 * 60 * 60 * 1000

/** The latest such moment that is at most one day after `now`; for 29 February that may be eight years ago. */
function latest(month: number, day: number, time: number[], now: number): number | undefined {
  const year = new Date(now + DAY).getUTCFullYear()
  for (let back = 0; back <= 8; back++) {
    if (month === 2 && day === 29 && !isLeapYear(year - back)) continue
    const mtime = utcTime(year - back, month, day, ...time)
    if (mtime === undefined || mtime <= now + DAY) return mtime
  }
  return undefined
}

/** How many words before the date are a device's major and minor number, which stand in place of a size. */
function deviceNumbers(words: Words, date: number): 0 | 1 | 2 {
  if (/^\d+,\d+$/.test(words.at(date - 1))) return 1
  return /^\d+,$/.test(words.at(date - 2)) && parseDigits(words.at(date - 1)) >= 0 ? 2 : 0
}

/** Links, owner and group: the words from 1 up to `end`. */
function setOwners(entry: ListedEntry, words: Words, end: number): void {
  const nlink = end > 1 ? parseDigits(words.at(1)) : -1
  if (nlink >= 0) entry.nlink = nlink
  const owner = nlink >= 0 ? 2 : 1
  // With more than two words, one of the names has a space in it; nobody can tell which.
  if (end <= owner || end > owner + 2) return
  const uid = parseDigits(words.at(owner))
  if (uid >= 0) entry.uid = uid
  const gid = end === owner + 2 ? parseDigits(words.at(owner + 1)) : -1
  if (gid >= 0) entry.gid = gid
}

const ARROW = ' -> '

function splitLink(entry: ListedEntry): void {
  const text = entry.name
  const bySize = text.length - (entry.size ?? 0) - ARROW.length
  const at = entry.size && bySize > 0 && text.startsWith(ARROW, bySize) ? bySize : text.indexOf(ARROW)
  if (at <= 0) return
  entry.name = text.slice(0, at)
  entry.target = text.slice(at + ARROW.length)
}
