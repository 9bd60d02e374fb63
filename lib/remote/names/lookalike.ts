import {
  decodeName,
  encodeName,
  isEncodable,
  type ByteString,
  type NameEncoding,
} from '../../wire/names/names.js'
import { iac, option, type Risk } from './names-at-risk.js'

// Rare in names: characters of two, three and four bytes in UTF-8, and some of other encodings.
const rare = [...'\u02ad\ua66e\u{102e1}\xa4\xb6\u203b\u25ce\u0490\u040f']

/**
 * Returns another name that a server confuses with this one if it changes the part at risk. What
 * the server may drop or replace has the same kind and length in both, and what it may trim is
 * longer. Undefined if there is no such name.
 */
export function lookalike(
  name: ByteString,
  { kind }: Pick<Risk, 'kind'>,
  encoding: NameEncoding,
): ByteString | undefined {
  if (kind === iac) return name.replaceAll('\xff', '\xff\xff')
  if (kind === 'a backslash') return name.replaceAll('\\', '\\\\')
  if (kind === option) return name.replace(/ -\w+/g, word => (word === ' -qq' ? ' -xx' : ' -qq'))
  if (kind.startsWith('end ')) return name + name.at(-1)!
  if (kind === 'bytes that are no text')
    return name.replace(/[\x80-\xfe]/g, byte => (byte === '\xad' ? '\xae' : '\xad'))
  const others = [...decodeName(name, encoding)].map(character => {
    const bytes = encodeName(character, encoding)
    if (character <= '\x7f' || bytes.includes('\xff')) return bytes
    const other = rare.find(each => each !== character && takesAsMuch(each, bytes, encoding))
    return other === undefined ? undefined : encodeName(other, encoding)
  })
  return others.includes(undefined) ? undefined : others.join('')
}

function takesAsMuch(character: string, { length }: ByteString, encoding: NameEncoding): boolean {
  if (!isEncodable(character, encoding)) return false
  const bytes = encodeName(character, encoding)
  return bytes.length === length && !bytes.includes('\xff')
}
