import { decodeName, encodeName, type ByteString, type NameEncoding } from '../../wire/names/names.js'
import { segments } from '../paths.js'

/** A part of a name that some servers change. */
export interface Risk {
  /** Equal for all names that a server treats alike. */
  readonly kind: string
  /** How error messages name it. */
  readonly what: string
  /** The part of a trial name that shows whether the server keeps it. */
  readonly sample: ByteString
  /** STOR keeps it even if other commands do not, so the trial uses a folder. */
  readonly byFolder?: boolean
}

/** The first name at risk in a path, and the folder that contains it. */
export interface NameAtRisk {
  readonly folder: ByteString
  readonly risks: readonly Risk[]
}

const suspicious = /["\\\x80-\xff]|[\t\v\f .](?:\/|$)| -\w/

/**
 * The risk of a word like `-b`, which ftp-srv 4.6.3 takes as an option in all commands except STOR,
 * RETR and SIZE.
 */
export const option = 'a word that begins with "-"'

/** The risk of the byte FF, which is Telnet's IAC (RFC 854): some servers require it doubled. */
export const iac = 'the byte FF'

/**
 * The risks in the names of a path: bytes beyond ASCII, FF, a space or dot at the end, `\`, words
 * like `-b`, and `"`, which ftp-srv 4.6.3 removes. A server that drops them reaches another path.
 */
export function risksIn(path: ByteString, encoding: NameEncoding): Risk[] {
  if (!suspicious.test(path)) return []
  const found = new Map<string, Risk>()
  for (const name of segments(path)) {
    for (const risk of ofName(name, encoding)) if (!found.has(risk.kind)) found.set(risk.kind, risk)
  }
  return [...found.values()]
}

/** The folder that contains the first name at risk in a path. `/` if no name is at risk. */
export function safeFolder(path: ByteString): ByteString {
  let folder = ''
  for (const name of segments(path)) {
    if (suspicious.test(name)) break
    folder += `/${name}`
  }
  return folder === '' || folder === path ? '/' : folder
}

function ofName(name: ByteString, encoding: NameEncoding): Risk[] {
  const risks: Risk[] = []
  const add = (what: string, sample: ByteString, kind = what): void => void risks.push({ kind, what, sample })
  if (name.includes('\xff')) add(iac, 'x\xffx')
  if (name.includes('\\')) add('a backslash', 'x\\x')
  if (name.includes('"')) add('a quotation mark', 'x"x')
  if (/ -\w/.test(name)) risks.push({ kind: option, what: option, sample: 'x -x', byFolder: true })
  const [end] = /[\t\v\f .]$/.exec(name) ?? []
  if (end !== undefined) add(ends[end] ?? 'white space at the end', `x${end}`, `end ${end}`)
  const text = decodeName(name, encoding)
  const isText = encodeName(text, encoding) === name
  const sample = isText ? beyondAscii(text, encoding) : name.replace(/[^\x80-\xfe]/g, '').slice(0, 16)
  if (sample !== '') add(isText ? 'characters beyond ASCII' : 'bytes that are no text', `x${sample}x`)
  return risks
}

const ends: Readonly<Record<string, string>> = { ' ': 'a space at the end', '.': 'a dot at the end' }

/** The first characters of a text beyond ASCII, without those that contain the byte FF. */
function beyondAscii(text: string, encoding: NameEncoding): ByteString {
  const characters = [...text].filter(character => character > '\x7f').slice(0, 8)
  return characters
    .map(character => encodeName(character, encoding))
    .filter(bytes => !bytes.includes('\xff'))
    .join('')
}
