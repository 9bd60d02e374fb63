import iconv from 'iconv-lite'

/**
 * A string in which every character stands for one byte (code units 0 to 255).
 *
 * Names travel through the lower floors in this form, so that a name that is not valid UTF-8 comes
 * back from the server, goes into a path and is sent again without a byte changed.
 */
export type ByteString = string

/** A character encoding in which a server may keep its names, as `nameEncoding` writes it. */
export type NameEncoding = 'utf8' | 'latin1' | (string & {})

const beyondAscii = /[^\0-\x7f]/

/**
 * The bytes of a name as the user gave it: text in the server's encoding, a Buffer as it is. Text that the encoding
 * cannot hold must have been refused before (`isEncodable`).
 */
export function encodeName(name: string | Uint8Array, encoding: NameEncoding = 'utf8'): ByteString {
  if (typeof name !== 'string') {
    return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1')
  }
  if (encoding === 'latin1' || !beyondAscii.test(name)) return name
  // Node's own UTF-8: iconv-lite takes away U+FEFF at the beginning.
  const bytes = encoding === 'utf8' ? Buffer.from(name, 'utf8') : iconv.encode(name, encoding)
  return bytes.toString('latin1')
}

/** The text of a name; bytes that are not valid in the encoding become U+FFFD, as in Node's fs. */
export function decodeName(bytes: ByteString, encoding: NameEncoding = 'utf8'): string {
  if (encoding === 'latin1' || !beyondAscii.test(bytes)) return bytes
  const buffer = nameBuffer(bytes)
  return encoding === 'utf8' ? buffer.toString('utf8') : iconv.decode(buffer, encoding, { stripBOM: false })
}

/**
 * Whether the encoding has every character of the text: sent in it and read again, it is the same. UTF-8 has all; half
 * a character (a lone surrogate) becomes U+FFFD there, as in Node's fs.
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

/** The folder that holds a path; '/' holds itself. */
export function dirname(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** The last element of a path; that of '/' is empty. */
export function basename(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1)
}
