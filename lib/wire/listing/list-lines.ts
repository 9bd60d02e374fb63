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

// Those of mainframes are shorter.
const longestOfMainframes = 512

/**
 * Reads the lines of LIST, of whatever system: each line by itself, as far as it says what it is. Lines that
 * begin with the name are read as such only where no line of `ls` or DOS has come: there they are the rest
 * of a name with a newline.
 */
export class ListLines {
  readonly #now: number
  readonly #folder: ByteString
  /** A line that does not begin with the name has come. */
  #usual = false
  #begun = false
  /** A first line that is either a sum or a name. */
  #sum: ByteString | undefined
  #zos: ZosPart | undefined
  #vos: VosPart | undefined
  /** A line that holds a name and a version alone: what belongs to it comes on the next. */
  #folded: { line: ByteString; file: VmsFile } | undefined
  /** The highest version of each file of OpenVMS. */
  #files: Map<ByteString, { version: number; entry: ListedEntry }> | undefined

  /**
   * @param now milliseconds since the epoch, to give dates a year
   * @param folder the path of the folder, without a `/` at its end
   */
  constructor(now: number, folder: ByteString = '') {
    this.#now = now
    this.#folder = folder
  }

  /**
   * The entry of a line. Undefined for a line that holds none, or not yet.
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
   * What is known when all lines have come.
   *
   * @throws ListingError for a line whose name was not to be had without others
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

  /** A line that says by itself what it is. */
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
