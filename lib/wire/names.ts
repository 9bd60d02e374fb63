/**
 * A string in which every character stands for one byte (code units 0 to 255).
 *
 * Names travel through the lower floors in this form, so that a name that is not valid UTF-8 comes
 * back from the server, goes into a path and is sent again without a byte changed.
 */
export type ByteString = string

/** Character encodings in which a server may keep its names. */
export type NameEncoding = 'utf8' | 'latin1'

/** The bytes of a name as the user gave it: text in the server's encoding, a Buffer as it is. */
export function encodeName(name: string | Uint8Array, encoding: NameEncoding = 'utf8'): ByteString {
  if (typeof name !== 'string') {
    return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1')
  }
  return encoding === 'latin1' ? name : Buffer.from(name, 'utf8').toString('latin1')
}

/** The text of a name; bytes that are not valid in the encoding become U+FFFD, as in Node's fs. */
export function decodeName(bytes: ByteString, encoding: NameEncoding = 'utf8'): string {
  return encoding === 'latin1' || !/[\x80-\xff]/.test(bytes)
    ? bytes
    : Buffer.from(bytes, 'latin1').toString('utf8')
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
