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

// Bytes that file systems take for a name.
const longestName = 255

export interface TemporaryNameOptions {
  /** The encoding in which the server keeps its names. */
  encoding: NameEncoding
  /** False leaves out the leading dot, for servers that refuse dot files. */
  dot?: boolean
}

/**
 * The path under which something is stored next to its target until it is whole. Its name is
 * `.ftp-vfs-<12 hex digits>-` and as much of the target's name as fits: what is left behind tells
 * what it was to become.
 */
export function temporaryName(path: ByteString, { encoding, dot = true }: TemporaryNameOptions): ByteString {
  const mark = `${dot ? '.' : ''}ftp-vfs-${randomBytes(6).toString('hex')}-`
  return join(dirname(path), mark + beginning(basename(path), longestName - mark.length, encoding))
}

/** As much of a name as so many bytes hold, in whole characters. */
function beginning(name: ByteString, room: number, encoding: NameEncoding): ByteString {
  if (name.length <= room) return name
  const text = decodeName(name, encoding)
  const isText = encodeName(text, encoding) === name
  const characters = [...(isText ? text : printable(name))].slice(0, room)
  const encoded = (): ByteString => encodeName(characters.join(''), encoding)
  // A sequence of two characters may have bytes of its own, other than those of the first one.
  const fits = (bytes: ByteString): boolean => bytes.length <= room && (!isText || name.startsWith(bytes))
  while (!fits(encoded())) characters.pop()
  // Servers drop spaces and dots at the end of a name.
  while (/^[ .]$/.test(characters.at(-1) ?? '')) characters.pop()
  return encoded()
}

/** What every encoding and every server takes. */
const printable = (name: ByteString): string => name.replace(/[^ -~]/g, '')
