import { decodeName, type ByteString, type NameEncoding } from '../../wire/names/names.js'

/** Whether the names are equal. macOS decomposes accented letters, and finds both forms. */
export function isSame(name: ByteString, wanted: ByteString, encoding: NameEncoding): boolean {
  const form = (bytes: ByteString): string => decodeName(bytes, encoding).normalize()
  return name === wanted || (form(wanted) === form(name) && !form(name).includes('\ufffd'))
}
