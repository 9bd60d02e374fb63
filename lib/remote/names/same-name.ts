import { decodeName, type ByteString, type NameEncoding } from '../../wire/names/names.js'

/** macOS takes a letter with its accent apart, and finds it under either form. */
export function isSame(name: ByteString, wanted: ByteString, encoding: NameEncoding): boolean {
  const form = (bytes: ByteString): string => decodeName(bytes, encoding).normalize()
  return name === wanted || (form(wanted) === form(name) && !form(name).includes('\ufffd'))
}
