import iconv from 'iconv-lite'

/**
 * A string whose characters stand for one byte each (code units 0 to 255).
 *
 * Names have this form below `fs`, so that a name that is not valid UTF-8 can come from the server,
 * enter a path and go back to the server without a changed byte.
 */
export type ByteString = string

/** The character encoding of names on a server, spelled as `nameEncoding` returns it. */
export type NameEncoding = 'utf8' | 'latin1' | (string & {})

const beyondAscii = /[^\0-\x7f]/

/**
 * The bytes of a name that the user gave: text in the server's encoding, a Buffer as it is. The
 * caller must refuse text that the encoding cannot hold (`isEncodable`).
 */
export function encodeName(name: string | Uint8Array, encoding: NameEncoding = 'utf8'): ByteString {
  if (typeof name !== 'string') {
    return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1')
  }
  if (encoding === 'latin1' || !beyondAscii.test(name)) return name
  // Node's own UTF-8 encoder: iconv-lite strips a leading U+FEFF.
  const bytes = encoding === 'utf8' ? Buffer.from(name, 'utf8') : iconv.encode(name, encoding)
  return bytes.toString('latin1')
}

/** The text of a name; bytes that are invalid in the encoding become U+FFFD, as in Node's fs. */
export function decodeName(bytes: ByteString, encoding: NameEncoding = 'utf8'): string {
  if (encoding === 'latin1' || !beyondAscii.test(bytes)) return bytes
  const buffer = nameBuffer(bytes)
  return encoding === 'utf8' ? buffer.toString('utf8') : iconv.decode(buffer, encoding, { stripBOM: false })
}

/**
 * Whether the encoding has every character of the text, so that decoding gives the same text again.
 * UTF-8 has them all; a lone surrogate becomes U+FFFD, as in Node's fs.
 */
export function isEncodable(text: string, encoding: NameEncoding): boolean {
  if (encoding === 'utf8') return true
  if (encoding === 'latin1') return !/[^\0-\xff]/.test(text)
  return decodeName(encodeName(text, encoding), encoding) === text
}

/** The bytes of a name as a Buffer. */
export function nameBuffer(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1')
}

/** The parent folder of a path; '/' for '/'. */
export function dirname(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** The last element of a path; empty for '/'. */
export function basename(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1)
}
