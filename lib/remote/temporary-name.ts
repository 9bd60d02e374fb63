import { randomBytes } from 'node:crypto'
import {
  basename,
  decodeName,
  dirname,
  encodeName,
  type ByteString,
  type NameEncoding,
} from '../wire/names/names.js'
import { join } from './paths.js'

// The maximum name length of file systems, in bytes.
const longestName = 255

export interface TemporaryNameOptions {
  /** The encoding of the names on the server. */
  encoding: NameEncoding
  /** False leaves out the leading dot, for servers that refuse dot files. */
  dot?: boolean
}

/**
 * The path next to a target under which a file is stored until it is whole. Its name is
 * `.ftp-vfs-<12 hex digits>-` and as much of the target's name as fits, so that a leftover shows
 * what it was meant to become.
 */
export function temporaryName(path: ByteString, { encoding, dot = true }: TemporaryNameOptions): ByteString {
  const mark = `${dot ? '.' : ''}ftp-vfs-${randomBytes(6).toString('hex')}-`
  return join(dirname(path), mark + beginning(basename(path), longestName - mark.length, encoding))
}

/** As many whole characters of a name as fit into so many bytes. */
function beginning(name: ByteString, room: number, encoding: NameEncoding): ByteString {
  if (name.length <= room) return name
  const text = decodeName(name, encoding)
  const isText = encodeName(text, encoding) === name
  const characters = [...(isText ? text : printable(name))].slice(0, room)
  const encoded = (): ByteString => encodeName(characters.join(''), encoding)
  // In some encodings a pair of characters has bytes of its own, other than those of the first.
  const fits = (bytes: ByteString): boolean => bytes.length <= room && (!isText || name.startsWith(bytes))
  while (!fits(encoded())) characters.pop()
  // Servers drop spaces and dots at the end of a name.
  while (/^[ .]$/.test(characters.at(-1) ?? '')) characters.pop()
  return encoded()
}

/** The characters that every encoding and every server accepts. */
const printable = (name: ByteString): string => name.replace(/[^ -~]/g, '')
