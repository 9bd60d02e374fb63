import { decodeName, nameBuffer, type ByteString, type NameEncoding } from '../wire/names/names.js'

/** The `encoding` of readdir and its like: that of the names in the result. */
export type EntryEncoding = BufferEncoding | 'buffer' | null | undefined

/** A name as the user wants it: a Buffer, or text. `server`: the encoding in which the server keeps its names. */
export function entryName(name: ByteString, encoding: EntryEncoding, server: NameEncoding): string | Buffer {
  if (encoding === 'buffer') return nameBuffer(name)
  if (encoding && encoding !== 'utf8' && encoding !== 'utf-8') return nameBuffer(name).toString(encoding)
  return decodeName(name, server)
}
