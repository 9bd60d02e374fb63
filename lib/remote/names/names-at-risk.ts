import { decodeName, encodeName, type ByteString, type NameEncoding } from '../../wire/names/names.js'
import { segments } from '../paths.js'

/** Something in a name that servers change. */
export interface Risk {
  /** Equal for all names that a server keeps, or changes, alike. */
  readonly kind: string
  /** What errors call it. */
  readonly what: string
  /** The part of a name that shows whether it is kept. */
  readonly sample: ByteString
  /** STOR keeps it where other commands do not: it is tried with a folder. */
  readonly byFolder?: boolean
}

/** The name of a path that comes first of those at risk, and the folder that holds it. */
export interface NameAtRisk {
  readonly folder: ByteString
  readonly risks: readonly Risk[]
}

const suspicious = /["\\\x80-\xff]|[\t\v\f .](?:\/|$)| -\w/

/** The risk of a word like `-b`, which ftp-srv 4.6.3 takes for an option in all commands but STOR, RETR and SIZE. */
export const option = 'a word that begins with "-"'

/** The risk of the byte FF, which is Telnet's IAC (RFC 854): some servers want it doubled. */
export const iac = 'the byte FF'

/**
 * What is at risk in the names of a path: bytes beyond ASCII, FF, a space or dot at the end, `\`,
 * words like `-b`, and `"`, which ftp-srv 4.6.3 takes out of a path. A server that drops them takes
 * the path for another one.
 */
export function risksIn(path: ByteString, encoding: NameEncoding): Risk[] {
  if (!suspicious.test(path)) return []
  const found = new Map<string, Risk>()
  for (const name of segments(path)) {
    for (const risk of ofName(name, encoding)) if (!found.has(risk.kind)) found.set(risk.kind, risk)
  }
  return [...found.values()]
}

/** The first folder of a path that holds a name at risk; `/` where none of its own does. */
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

/** Some of the characters of a text that stand beyond ASCII, without those that hold FF. */
function beyondAscii(text: string, encoding: NameEncoding): ByteString {
  const characters = [...text].filter(character => character > '\x7f').slice(0, 8)
  return characters
    .map(character => encodeName(character, encoding))
    .filter(bytes => !bytes.includes('\xff'))
    .join('')
}
