import { parseDosLine } from './dos-line.js'
import { MlsdLines } from './mlsd-line.js'
import { ListLines } from './list-lines.js'
import type { ListedEntry } from './listed-entry.js'
import { ListingError } from './listed-entry.js'
import { NameLines } from './name-lines.js'
import type { ByteString } from '../names/names.js'
import { isTotal } from './notice.js'
import { Padding } from './padding.js'
import { parseUnixLine } from './unix-line.js'

export { ListingError }
export type { ListedEntry }

/**
 * `mlsd`: MLSD (RFC 3659). `list`: LIST and STAT, in a format that each line shows by itself.
 * `names`: NLST.
 */
export type ListingFormat = 'mlsd' | 'list' | 'names'

/** The maximum length of a line in a listing, in bytes without its line end. */
export const MAX_LINE = 64 * 1024

const LINE_TOO_LONG = `lines of at most ${MAX_LINE} bytes`

export interface ListingParserOptions {
  /**
   * Milliseconds since the epoch, which decide the year of dates without one (see `parseUnixLine`);
   * default now.
   */
  now?: number
  /** Paths of the folder that may precede its names, without a trailing `/`. */
  folders?: readonly ByteString[]
  /** Whether the path may name a file, which is then listed under its path; default false. */
  mayBeFile?: boolean
  /**
   * Whether names are unpadded and lines end in CRLF or LF, as on known servers; default true.
   * Other servers may pad the names to one column, and end every line in CR CR LF.
   */
  exact?: boolean
  /** Called for each line without a certain name, which is then left out; default: throws. */
  onSkip?: ((error: ListingError) => void) | undefined
}

/**
 * Parses the listing of a directory from the bytes of its data connection, chunk by chunk; a chunk
 * may end anywhere. Lines end in CRLF or LF; the last line may have no end.
 *
 * It skips empty lines, lines that describe no entry (`total 123`), the entries `.` and `..`, and
 * the MLSD types `cdir` and `pdir`. A line without a certain name is an error, and so is a name
 * with `/`, CR or NUL, which is not one name of a path. After an error the parser cannot continue,
 * unless `onSkip` takes such lines. A line that reports that something could not be listed is
 * always an error.
 */
export class ListingParser {
  /** The number of entry lines so far, with `.` and `..`. */
  lines = 0
  /** The listed folder itself is among the entries, as `.`. */
  showsItself = false
  readonly #lines: MlsdLines | ListLines | NameLines
  readonly #folders: readonly ByteString[]
  readonly #mayBeFile: boolean
  readonly #onSkip: ((error: ListingError) => void) | undefined
  /** Detects whether names are padded. */
  readonly #padding: Padding | undefined
  /** Whether lines end in CR CR LF; the first line decides. */
  #doubleEnds: boolean | undefined
  /** The start of a line whose end has not come. */
  #rest = ''

  /** @param format the format of the command that lists */
  constructor(format: ListingFormat, options: ListingParserOptions = {}) {
    const { now = Date.now(), folders = [], mayBeFile = false, exact = true, onSkip } = options
    this.#lines =
      format === 'mlsd'
        ? new MlsdLines()
        : format === 'list'
          ? new ListLines(now, folders[0])
          : new NameLines()
    this.#folders = folders
    this.#mayBeFile = mayBeFile
    this.#onSkip = onSkip
    if (exact) this.#doubleEnds = false
    else if (format === 'list') this.#padding = new Padding()
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
    // One more byte may be the CR.
    if (this.#rest.length > MAX_LINE + 1) throw new ListingError(this.#rest, LINE_TOO_LONG)
    return entries
  }

  /** The last line, if its end has not come. */
  get open(): ByteString {
    return this.#rest
  }

  /**
   * The entries that are known only at the end: that of a last line without a line end, which may
   * be incomplete, and those that depended on later lines.
   *
   * @throws ListingError
   */
  end(): ListedEntry[] {
    const entries: ListedEntry[] = []
    this.#readInto(entries, this.#rest)
    this.#rest = ''
    this.#orSkip(() => {
      for (const entry of this.#lines.end()) this.#take(entries, entry, entry.name)
    })
    for (const entry of this.#padding?.end() ?? []) this.#give(entries, entry)
    return entries
  }

  #readInto(entries: ListedEntry[], ended: ByteString): void {
    const line = this.#withoutEnd(ended)
    if (line === '') return
    if (this.#onSkip) this.#orSkip(() => this.#readLine(entries, line))
    else this.#readLine(entries, line)
  }

  #withoutEnd(ended: ByteString): ByteString {
    if (!ended.endsWith('\r')) {
      if (ended !== '') this.#doubleEnds ??= false
      return ended
    }
    this.#doubleEnds ??= ended.endsWith('\r\r')
    return ended.slice(0, this.#doubleEnds && ended.endsWith('\r\r') ? -2 : -1)
  }

  #orSkip(read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!this.#onSkip || !(error instanceof ListingError) || error.refused) throw error
      this.#onSkip(error)
    }
  }

  #readLine(entries: ListedEntry[], line: ByteString): void {
    if (line.length > MAX_LINE) throw new ListingError(line, LINE_TOO_LONG)
    const entry = this.#lines.read(line)
    if (entry) this.#take(entries, entry, line)
    else if (this.#lines instanceof MlsdLines) this.lines += 1
  }

  #take(entries: ListedEntry[], entry: ListedEntry, line: ByteString): void {
    if (entry.name.includes('/')) entry.name = this.#withoutFolder(entry.name, line)
    if (entry.name.includes('\0') || entry.name.includes('\r')) refuseName(line)
    this.lines += 1
    if (this.#padding) for (const known of this.#padding.take(entry, line.length)) this.#give(entries, known)
    else this.#give(entries, entry)
  }

  #give(entries: ListedEntry[], entry: ListedEntry): void {
    if (entry.name === '.') this.showsItself = true
    if (entry.name === '.' || entry.name === '..') return
    detach(entry)
    entries.push(entry)
  }

  /** Strips the path of this folder, or of the folder of a listed file; refuses any other path. */
  #withoutFolder(name: ByteString, line: ByteString): ByteString {
    const at = name.lastIndexOf('/')
    if (this.#mayBeFile && this.#folders.includes(name)) return name.slice(at + 1)
    const folder = name.slice(0, at)
    if (at + 1 === name.length || !(folder === '.' || this.#folders.includes(folder)))
      throw new ListingError(line, 'a name without "/"')
    return name.slice(at + 1)
  }
}

/**
 * The entries in a reply to STAT with a pathname (RFC 959, section 4.1.3), from the lines between
 * its first and its last, without their line ends. ProFTPD puts one space before each line, other
 * servers none. For a file the name may be a path, and vsftpd adds the links whose line ends in the
 * same name.
 *
 * @param options.now as for `ListingParser`
 * @param options.dotEntries include `.` and `..`, which show that the path is a directory, even an
 *   empty one; default false
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
    if (/[\0\r]/.test(entry.name)) refuseName(line)
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

function refuseName(line: ByteString): never {
  throw new ListingError(line, 'a name without CR or NUL')
}

/**
 * Copies the strings of an entry: V8 keeps the whole chunk alive for a slice of 13 characters or
 * more, and a listing of 100,000 entries is about 17 MB of text for 2 MB of names.
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
