import iconv from 'iconv-lite'
import type { NameEncoding } from './names.js'

const known = new Map<string, NameEncoding | undefined>()

/**
 * The one name of an encoding that is written in any of its ways (`UTF-8`, `ISO-8859-1`, `Windows-1251`), or undefined
 * if there is none, or if names in it could not stand in an FTP command: UTF-16 and others, which do not write ASCII as
 * itself.
 */
export function nameEncoding(written: string): NameEncoding | undefined {
  const name = written.toLowerCase().replace(/[^\da-z]/g, '')
  if (!known.has(name)) known.set(name, find(name))
  return known.get(name)
}

function find(name: string): NameEncoding | undefined {
  // As most are, without iconv-lite having to load its tables.
  if (name === 'utf8' || name === 'latin1') return name
  // Node's name for latin1; the encoder of iconv-lite for it cuts off what does not fit.
  if (name === 'binary') return 'latin1'
  if (!iconv.encodingExists(name)) return undefined
  const codec = iconv.getCodec(name)
  if (codec === iconv.getCodec('utf8')) return 'utf8'
  if (codec === iconv.getCodec('latin1')) return 'latin1'
  return isUsable(name) ? name : undefined
}

const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code))

/** ASCII is itself, and no character beyond it has a byte that ends a name or a command, or begins a folder: / CR LF NUL. */
function isUsable(encoding: string): boolean {
  const text = ascii.toString('latin1')
  if (!iconv.encode(text, encoding).equals(ascii) || iconv.decode(ascii, encoding) !== text) return false
  const bytes = iconv.encode(beyondAscii(), encoding)
  return !['/', '\r', '\n', '\0'].some(character => bytes.includes(character))
}

/** Every character from U+0080 to U+FFFF, and one beyond. */
function beyondAscii(): string {
  let text = '\u{1f600}'
  for (let code = 0x80; code < 0x10000; code++) {
    if (code < 0xd800 || code > 0xdfff) text += String.fromCharCode(code)
  }
  return text
}
