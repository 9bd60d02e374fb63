import type { Ability } from '../capabilities/ability.js'
import { parseDigits } from '../reply/digits.js'
import type { ListedEntry } from './listed-entry.js'
import { ListingError } from './listed-entry.js'
import type { ByteString } from '../names/names.js'
import { isPositive, isUnknownCommand, type Reply } from '../reply/replies.js'
import { parseTimeVal } from '../time/time-val.js'

const EXPECTED = '"fact=value;… name" (RFC 3659)'

/**
 * Parses an entry in the format of MLSD and MLST (RFC 3659, section 7.2), for example
 * `type=file;size=3;modify=20200101000000.123;UNIX.mode=0644; name with ; and spaces`.
 *
 * One space may precede it, as in the reply to MLST. Facts may come in any case and order; unknown
 * or invalid facts are ignored. An entry with a size but no `type` is a file. The pathname is
 * everything after the first `"; "`: a value may hold a space, against the RFC (ProFTPD's
 * `UNIX.groupname=domain users`).
 *
 * @throws ListingError if the line has no facts, or neither type nor size
 */
export function parseFacts(line: ByteString): ListedEntry {
  const { entry, type } = readFacts(line)
  if (type === undefined && entry.size === undefined) throw new ListingError(line, 'the fact "type"')
  return entry
}

interface Facts {
  entry: ListedEntry
  /** The value of the fact `type`, in lower case. */
  type: string | undefined
}

/**
 * Reads the lines of an MLSD listing. A line without `type`, or without any fact (` name`), is an
 * entry only before the first line with a type; after one it is the rest of a name that holds a
 * newline.
 */
export class MlsdLines {
  #typed = false

  /**
   * The entry of a line; undefined for the listed folder itself and its parent (`cdir`, `pdir`).
   *
   * @throws ListingError for a line in which no name can be found
   */
  read(line: ByteString): ListedEntry | undefined {
    const { entry, type } = this.#typed || !hasNoFacts(line) ? readFacts(line) : withoutFacts(line)
    if (type === undefined) return this.#untyped(line, entry)
    this.#typed = true
    return type === 'cdir' || type === 'pdir' ? undefined : entry
  }

  #untyped(line: ByteString, entry: ListedEntry): ListedEntry {
    if (this.#typed || (line.startsWith(' ') && !hasNoFacts(line)))
      throw new ListingError(line, 'the fact "type"')
    return entry.size === undefined ? { ...entry, type: 'other', typeUnknown: true } : entry
  }

  /** No entry depends on later lines. */
  end(): ListedEntry[] {
    return []
  }
}

/** ` name`: the space precedes the pathname even without facts (RFC 3659, section 7.2). */
function hasNoFacts(line: ByteString): boolean {
  return line.startsWith(' ') && line.length > 1 && !line.slice(0, line.indexOf('; ') + 1).includes('=')
}

function withoutFacts(line: ByteString): Facts {
  return { entry: { name: line.slice(1), type: 'other', typeUnknown: true }, type: undefined }
}

/**
 * The entry in a reply to MLST (RFC 3659, section 7.2), from the lines between its first and its
 * last.
 *
 * @throws ListingError if no line holds facts
 */
export function parseMlstReply(lines: readonly ByteString[]): ListedEntry {
  const line = lines.find(candidate => candidate.includes('=')) ?? lines[0] ?? ''
  return parseFacts(line)
}

/** The entry in a reply to MLST; undefined if the reply is a refusal or cannot be parsed. */
export function mlstEntry(reply: Reply): ListedEntry | undefined {
  if (!isPositive(reply)) return undefined
  try {
    return parseMlstReply(reply.lines.slice(1, -1))
  } catch {
    return undefined
  }
}

/**
 * Whether a reply to MLST without facts says nothing about the path: MLST that has never worked on
 * this server may refuse any path. ProFTPD 1.3.8 may reply 501 for a path that does not exist.
 */
export function isMute(reply: Reply, mlst: Ability): boolean {
  return isPositive(reply) || !mlst.certain || (isUnknownCommand(reply) && reply.code !== 501)
}

function readFacts(line: ByteString): Facts {
  const start = line.startsWith(' ') ? 1 : 0
  const end = line.indexOf('; ', start)
  if (end < 0 || end + 2 >= line.length) throw new ListingError(line, EXPECTED)

  const entry: ListedEntry = { name: line.slice(end + 2), type: 'file' }
  let type: string | undefined
  for (let at = start, next; at <= end; at = next + 1) {
    next = line.indexOf(';', at)
    const equals = line.indexOf('=', at)
    if (equals < 0 || equals > next) continue
    const from = equals + 1
    // A fact without a value counts as absent.
    if (from === next) continue
    switch (line.slice(at, equals).toLowerCase()) {
      case 'type': {
        const value = line.slice(from, next)
        type = value.toLowerCase()
        setType(entry, type, value)
        break
      }
      case 'size':
      case 'sizd': {
        const size = parseDigits(line, from, next)
        if (size >= 0) entry.size = size
        break
      }
      case 'modify':
        setModify(entry, line.slice(from, next))
        break
      case 'unix.mode': {
        const mode = octal(line, from, next)
        if (mode !== undefined) entry.mode = mode
        break
      }
      // Pure-FTPd sends uid and gid; ProFTPD 1.3.8 sends the numbers as owner and group, the names
      // as ownername and groupname.
      case 'unix.uid':
      case 'unix.owner':
        setNumber(entry, 'uid', parseDigits(line, from, next))
        break
      case 'unix.ownername':
        if (entry.uid === undefined) setNumber(entry, 'uid', parseDigits(line, from, next))
        break
      case 'unix.gid':
      case 'unix.group':
        setNumber(entry, 'gid', parseDigits(line, from, next))
        break
      case 'unix.groupname':
        if (entry.gid === undefined) setNumber(entry, 'gid', parseDigits(line, from, next))
        break
      case 'unique':
        entry.unique = line.slice(from, next)
        break
    }
  }
  if (type === undefined && !line.slice(start, end).includes('=')) throw new ListingError(line, EXPECTED)
  return { entry, type }
}

/**
 * The fact `type` (RFC 3659, section 7.5.1). Pure-FTPd sends `OS.unix=slink:` without a target,
 * ProFTPD `OS.unix=symlink`.
 */
function setType(entry: ListedEntry, type: string, value: string): void {
  if (type === 'file') return
  if (type === 'dir' || type === 'cdir' || type === 'pdir') {
    entry.type = 'directory'
    return
  }
  const colon = value.indexOf(':')
  const kind = colon < 0 ? type : type.slice(0, colon)
  if (kind !== 'os.unix=slink' && kind !== 'os.unix=symlink') {
    entry.type = 'other'
    return
  }
  entry.type = 'link'
  if (colon >= 0 && colon + 1 < value.length) entry.target = value.slice(colon + 1)
}

function setModify(entry: ListedEntry, value: string): void {
  const mtime = parseTimeVal(value)
  if (mtime === undefined) return
  entry.mtime = mtime
  entry.mtimePrecision = 'second'
}

function setNumber(entry: ListedEntry, key: 'uid' | 'gid', value: number): void {
  if (value >= 0) entry[key] = value
}

/**
 * Permission bits in octal (pyftpdlib 1.5.7: `0o644`), without the bits of the file type, which
 * some servers add.
 */
function octal(text: string, from: number, to: number): number | undefined {
  let value = 0
  for (let at = text.startsWith('0o', from) ? from + 2 : from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 7)) return undefined
    value = (value * 8 + digit) & 0o177777
  }
  return value & 0o7777
}
