import iconv from 'iconv-lite'
import type { NameEncoding } from './names.js'

const known = new Map<string, NameEncoding | undefined>()

/**
 * The canonical name of an encoding in any spelling (`UTF-8`, `ISO-8859-1`, `Windows-1251`).
 *
 * @returns undefined for an unknown encoding, and for one that an FTP command cannot hold, such as
 *   UTF-16, which does not encode ASCII as itself
 */
export function nameEncoding(written: string): NameEncoding | undefined {
  const name = written.toLowerCase().replace(/[^\da-z]/g, '')
  if (!known.has(name)) known.set(name, find(name))
  return known.get(name)
}

function find(name: string): NameEncoding | undefined {
  // The usual encodings: iconv-lite need not load its tables.
  if (name === 'utf8' || name === 'latin1') return name
  // Node's name for latin1. iconv-lite's own `binary` encoder truncates characters that do not fit.
  if (name === 'binary') return 'latin1'
  if (!iconv.encodingExists(name)) return undefined
  const codec = iconv.getCodec(name)
  if (codec === iconv.getCodec('utf8')) return 'utf8'
  if (codec === iconv.getCodec('latin1')) return 'latin1'
  return isUsable(name) ? name : undefined
}

const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code))

/**
 * Whether an encoding leaves ASCII as it is, and no other character contains a byte with a meaning
 * in paths or commands: / CR LF NUL.
 */
function isUsable(encoding: string): boolean {
  const text = ascii.toString('latin1')
  if (!iconv.encode(text, encoding).equals(ascii) || iconv.decode(ascii, encoding) !== text) return false
  const bytes = iconv.encode(beyondAscii(), encoding)
  return !['/', '\r', '\n', '\0'].some(character => bytes.includes(character))
}

/** Every character from U+0080 to U+FFFF, and one beyond that range. */
function beyondAscii(): string {
  let text = '\u{1f600}'
  for (let code = 0x80; code < 0x10000; code++) {
    if (code < 0xd800 || code > 0xdfff) text += String.fromCharCode(code)
  }
  return text
}
