import { parseDosLine } from './dos-line.js'
import { parseEplfLine } from './eplf-line.js'
import { parseIbmILine } from './ibm-i-line.js'
import { ListingError, type ListedEntry } from './listed-entry.js'
import { parseLooseDosLine } from './loose-dos-line.js'
import { parseLooseUnixLine } from './loose-unix-line.js'
import type { ByteString } from '../names/names.js'
import { parseNetwareLine } from './netware-line.js'
import { isNonstopHeader, parseNonstopLine } from './nonstop-line.js'
import { isDosNotice, isTotal, mayBeSum, saysRefused } from './notice.js'
import { isVmsNotice, parseVmsFile, vmsEntry, type VmsFile } from './openvms-line.js'
import { parseOs2Line } from './os2-line.js'
import { parseUnixLine } from './unix-line.js'
import { parseVosLine, vosPart, type VosPart } from './vos-line.js'
import { parseZosLine, zosPart, type ZosPart } from './zos-line.js'

const EXPECTED = 'a line of a listing, with a name'

// No line of a mainframe is longer.
const longestOfMainframes = 512

/**
 * Reads the lines of LIST from any system, each line by its own format where that is clear. A line
 * that begins with the name counts as an entry only before the first line of `ls` or DOS; after
 * one it is the rest of a name that holds a newline.
 */
export class ListLines {
  readonly #now: number
  readonly #folder: ByteString
  /** A line in a format that does not begin with the name has come. */
  #usual = false
  #begun = false
  /** A first line that is either the total or a name. */
  #sum: ByteString | undefined
  #zos: ZosPart | undefined
  #vos: VosPart | undefined
  /** A line with only a name and a version, which the next line continues. */
  #folded: { line: ByteString; file: VmsFile } | undefined
  /** The highest version of each OpenVMS file. */
  #files: Map<ByteString, { version: number; entry: ListedEntry }> | undefined

  /**
   * @param now milliseconds since the epoch, which decides the year of dates without one
   * @param folder the path of the folder, without a trailing `/`
   */
  constructor(now: number, folder: ByteString = '') {
    this.#now = now
    this.#folder = folder
  }

  /**
   * The entry of a line; undefined for a line without an entry, or whose entry needs later lines.
   *
   * @throws ListingError for a line in which no name can be found
   */
  read(line: ByteString): ListedEntry | undefined {
    const first = line.charCodeAt(0)
    const entry = first >= 48 && first <= 57 ? parseDosLine(line) : parseUnixLine(line, this.#now)
    if (entry && !this.#folded) {
      if (!this.#usual) this.#begun = this.#usual = true
      return entry
    }
    if (!this.#begun && this.#sum === undefined && isTotal(line)) {
      this.#begun = true
      return undefined
    }
    return this.#readRare(line)
  }

  /**
   * The entries that are known only when all lines have come.
   *
   * @throws ListingError for a line whose name needs a line that did not come
   */
  end(): ListedEntry[] {
    const doubtful = this.#folded?.line ?? (this.#begun ? undefined : this.#sum)
    this.#folded = this.#sum = undefined
    if (doubtful !== undefined) throw new ListingError(doubtful, EXPECTED)
    const entries = Array.from(this.#files?.values() ?? [], ({ entry }) => entry)
    this.#files = undefined
    return entries
  }

  #readRare(line: ByteString): ListedEntry | undefined {
    const byNameOnly = this.#folded ?? this.#zos ?? this.#vos
    const found = byNameOnly ? undefined : this.#readAny(line)
    if (found) {
      this.#begun = this.#usual = true
      return found === 'member' ? undefined : found
    }
    if (!this.#usual && line.length <= longestOfMainframes) {
      const byName = this.#readByName(line)
      if (byName) {
        this.#begun = true
        return byName === 'kept' ? undefined : byName
      }
    }
    if (this.#folded) {
      const { line: folded } = this.#folded
      this.#folded = undefined
      throw new ListingError(folded, EXPECTED)
    }
    if (isDosNotice(line)) return undefined
    if (!this.#begun && this.#sum === undefined && mayBeSum(line)) {
      this.#sum = line
      return undefined
    }
    throw new ListingError(line, EXPECTED, { refused: saysRefused(line) })
  }

  /** Reads a line in a format that the line alone shows. */
  #readAny(line: ByteString): ListedEntry | 'member' | undefined {
    const now = this.#now
    const text = line.replace(/^ +/, '')
    return (
      (text === line ? undefined : (parseUnixLine(text, now) ?? parseDosLine(text))) ??
      parseLooseUnixLine(text, now) ??
      parseLooseDosLine(text) ??
      parseNetwareLine(text, now) ??
      parseEplfLine(line) ??
      parseIbmILine(line, now, this.#folder) ??
      parseOs2Line(line)
    )
  }

  /** Reads a line in a format that begins with the name, or that depends on earlier lines. */
  #readByName(line: ByteString): ListedEntry | 'kept' | undefined {
    if (this.#folded) return this.#keep(this.#folded.file, line)
    const zos = zosPart(line)
    const vos = vosPart(line)
    this.#zos = zos ?? this.#zos
    this.#vos = vos ?? this.#vos
    if (zos || vos || isNonstopHeader(line) || isVmsNotice(line)) return 'kept'
    const file = parseVmsFile(line)
    if (file?.rest === '') {
      this.#folded = { line, file }
      return 'kept'
    }
    return (
      (file && this.#keep(file, file.rest)) ??
      parseVosLine(line, this.#vos) ??
      parseNonstopLine(line) ??
      parseZosLine(line, this.#zos)
    )
  }

  #keep(file: VmsFile, rest: string): 'kept' | undefined {
    const entry = vmsEntry(file, rest)
    if (!entry) return undefined
    this.#folded = undefined
    this.#files ??= new Map()
    const known = this.#files.get(file.name)
    if (!known || known.version < file.version) this.#files.set(file.name, { version: file.version, entry })
    return 'kept'
  }
}
