import { parseDosLine } from './dos-line.js'
import { parseMlsdLine } from './facts.js'
import type { ListedEntry } from './listed-entry.js'
import { ListingError } from './listed-entry.js'
import type { ByteString } from './names.js'
import { parseUnixLine } from './unix-line.js'

export { ListingError }
export type { ListedEntry }

/** `mlsd`: RFC 3659. `list`: what LIST and STAT print, Unix or DOS, told apart line by line. */
export type ListingFormat = 'mlsd' | 'list'

/** The longest line of a listing, in bytes without its line end. */
export const MAX_LINE = 64 * 1024

const LINE_TOO_LONG = `lines of at most ${MAX_LINE} bytes`

/**
 * Reads the listing of a directory from the bytes of its data connection, chunk by chunk; a chunk
 * may end anywhere. Lines end in CRLF or LF, the last one perhaps in nothing.
 *
 * Left out are empty lines, `total 123` as the first line, the entries `.` and `..`, and in MLSD
 * the types `cdir` and `pdir`. A line that is not of the format, or a name that holds `/`, CR or
 * NUL and so cannot be one name of a path, is an error; the parser is of no further use then.
 */
export class ListingParser {
  /** The lines of entries so far, `.` and `..` among them. */
  lines = 0
  /** The listed folder itself is among them, as `.`. */
  showsItself = false
  readonly #format: ListingFormat
  readonly #now: number
  /** The begun line. */
  #rest = ''
  #begun = false

  /**
   * @param format the command's
   *
   * @param options.now milliseconds since the epoch, to give dates a year (see `parseUnixLine`);
   *   default the present
   */
  constructor(format: ListingFormat, options: { now?: number } = {}) {
    this.#format = format
    this.#now = options.now ?? Date.now()
  }

  /**
   * The entries whose lines end in this chunk.
   *
   * @throws ListingError
   */
  push(chunk: Uint8Array): ListedEntry[] {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    const entries: ListedEntry[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = this.#rest + text.slice(start, end)
      this.#rest = ''
      start = end + 1
      this.#readInto(entries, line)
    }
    this.#rest += text.slice(start)
    // One byte more may be the CR.
    if (this.#rest.length > MAX_LINE + 1) throw new ListingError(this.#rest, LINE_TOO_LONG)
    return entries
  }

  /** The last line, where its end has not come. */
  get open(): ByteString {
    return this.#rest
  }

  /**
   * The entry of a last line without a line end. Whether it is whole, the line does not say.
   *
   * @throws ListingError
   */
  end(): ListedEntry[] {
    const entries: ListedEntry[] = []
    this.#readInto(entries, this.#rest)
    this.#rest = ''
    return entries
  }

  #readInto(entries: ListedEntry[], ended: ByteString): void {
    const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended
    if (line === '') return
    if (line.length > MAX_LINE) throw new ListingError(line, LINE_TOO_LONG)
    const first = !this.#begun
    this.#begun = true

    if (this.#format === 'list' && first && isTotal(line)) return
    const entry = this.#format === 'mlsd' ? parseMlsdLine(line) : parseListLine(line, this.#now)
    this.lines += 1
    if (entry?.name === '.') this.showsItself = true
    if (entry === undefined || entry.name === '.' || entry.name === '..') return
    if (entry.name.includes('/')) throw new ListingError(line, 'a name without "/"')
    checkName(entry, line)
    detach(entry)
    entries.push(entry)
  }
}

/**
 * The entries of a reply to STAT of a path (RFC 959, section 4.1.3), from the lines between the
 * first and the last of the reply, without their line ends; ProFTPD puts one space before each, the
 * others none. For a file the name may be a path, and vsftpd adds the links whose line ends in the
 * same name.
 *
 * `.` and `..` are left out, unless `dotEntries` is true: where they stand, the path is a
 * directory, even an empty one.
 *
 * @param options.now as for `ListingParser`
 *
 * @throws ListingError
 */
export function parseStatReplyLines(
  lines: readonly ByteString[],
  options: { now?: number; dotEntries?: boolean } = {},
): ListedEntry[] {
  const { now = Date.now(), dotEntries = false } = options
  const entries: ListedEntry[] = []
  for (const [index, received] of lines.entries()) {
    const line = received.startsWith(' ') ? received.slice(1) : received
    if (line === '' || (index === 0 && isTotal(line))) continue
    const entry = parseListLine(line, now)
    if (!dotEntries && (entry.name === '.' || entry.name === '..')) continue
    checkName(entry, line)
    entries.push(entry)
  }
  return entries
}

function parseListLine(line: ByteString, now: number): ListedEntry {
  const entry = isDigit(line.charCodeAt(0)) ? parseDosLine(line) : parseUnixLine(line, now)
  if (entry === undefined) throw new ListingError(line, 'a line as "ls -l" or DOS writes it')
  return entry
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isTotal(line: string): boolean {
  return /^total \d/i.test(line)
}

function checkName(entry: ListedEntry, line: ByteString): void {
  if (entry.name.includes('\0') || entry.name.includes('\r'))
    throw new ListingError(line, 'a name without CR or NUL')
}

/**
 * Makes an entry independent of the chunk it was cut from: V8 keeps the whole text alive for a
 * slice of 13 characters or more, and a listing of 100,000 entries is some 17 MB of text for 2 MB
 * of names.
 */
function detach(entry: ListedEntry): void {
  entry.name = copy(entry.name)
  if (entry.target !== undefined) entry.target = copy(entry.target)
  if (entry.unique !== undefined) entry.unique = copy(entry.unique)
}

const scratch = Buffer.allocUnsafeSlow(MAX_LINE)

function copy(text: ByteString): ByteString {
  return text.length < 13 ? text : scratch.toString('latin1', 0, scratch.write(text, 'latin1'))
}
