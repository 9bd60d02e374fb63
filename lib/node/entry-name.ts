import { decodeName, nameBuffer, type ByteString, type NameEncoding } from '../wire/names/names.js'

/** The option `encoding` of `readdir` and similar calls: the encoding of names in the result. */
export type EntryEncoding = BufferEncoding | 'buffer' | null | undefined

/**
 * A name in the requested form: a Buffer, or text. `server`: the encoding of names on the server.
 */
export function entryName(name: ByteString, encoding: EntryEncoding, server: NameEncoding): string | Buffer {
  if (encoding === 'buffer') return nameBuffer(name)
  if (encoding && encoding !== 'utf8' && encoding !== 'utf-8') return nameBuffer(name).toString(encoding)
  return decodeName(name, server)
}
