import { isIP, isIPv6 } from 'node:net'
import { domainToUnicode } from 'node:url'
import { decodeName, encodeName, isEncodable, type ByteString, type NameEncoding } from './names/names.js'

export interface MaskedWords {
  user: string
  password: string
  account?: string | undefined
  host: string
  encoding?: NameEncoding
}

export const mask = '***'

/**
 * Masks secrets in a text. Credentials are found as they are and in every form that a URL can hold:
 * each character may be percent-encoded, once or repeatedly, and a space may be a plus.
 */
export class Mask {
  readonly #credentials: RegExp | undefined
  readonly #named: RegExp | undefined
  readonly #address: RegExp | undefined

  constructor({ user, password, account, host, encoding }: MaskedWords) {
    const credentials = [
      ...patterns(user, encoding, true),
      ...[password, account ?? ''].flatMap(word => patterns(word, encoding, [...word].length < 4)),
    ]
    this.#credentials = oneOf(credentials)
    const hosts = [host, domainToUnicode(host)].flatMap(name => patterns(name))
    // One pass for names, as the user's name may be part of the host's. The host's address may be
    // part of other addresses, so it is masked after them.
    this.#named = oneOf(isIP(host) ? credentials : [...credentials, ...hosts])
    this.#address = isIP(host) ? oneOf(hosts) : undefined
  }

  /** The text without user, password and account. */
  credentials(text: string): string {
    return without(this.#credentials, text)
  }

  /** The text without credentials, the host's name and all IP addresses. */
  all(text: string): string {
    const unnamed = without(this.#named, text).replace(addressV6, withoutV6).replace(addressV4, mask)
    return without(this.#address, unnamed)
  }
}

function without(words: RegExp | undefined, text: string): string {
  return words ? text.replace(words, mask) : text
}

// Dotted, or with commas as in PORT and 227, where the port after it stays.
const addressV4 = /(?<!\d)\d{1,3}([.,])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)/g

// Candidates for an IPv6 address; `12:30:45` and a certificate's hash look like one, but are not.
const addressV6 =
  /(?<![\p{L}\p{N}])[\da-f:.]{0,45}:[\da-f:.]{0,45}(?:%[\p{L}\p{N}.]{1,15})?(?![\p{L}\p{N}])/giu

function withoutV6(candidate: string): string {
  if (isIPv6(candidate)) return mask
  // Colons of the sentence may surround the address: `address:::1:`.
  const inner = /^[:.]?(.*?)[:.]?$/s.exec(candidate)![1]!
  for (const address of [candidate.replace(/[:.]$/, ''), candidate.replace(/^[:.]/, ''), inner])
    if (isIPv6(address)) return candidate.replace(address, mask)
  return candidate
}

interface Pattern {
  source: string
  length: number
}

function oneOf(found: readonly Pattern[]): RegExp | undefined {
  if (found.length === 0) return undefined
  // The longest first: the user's name may be part of the password.
  const sources = [...found].sort((one, other) => other.length - one.length).map(({ source }) => source)
  // Case-insensitive: some servers repeat a name as they store it, not as it was sent.
  return new RegExp(sources.join('|'), 'giu')
}

/** Patterns that find a word in each of its forms. */
function patterns(word: string, encoding: NameEncoding = 'utf8', whole = true): Pattern[] {
  return [...forms(word, encoding)].map(form => {
    const source = [...form].map(character => oneCharacter(character, encoding)).join('')
    return { source: whole ? asWord(form, source) : source, length: form.length }
  })
}

function forms(word: string, encoding: NameEncoding): Set<string> {
  const written = [word, word.trim(), word.normalize('NFC'), word.normalize('NFD')]
  // A 257 reply doubles quotation marks (RFC 959, appendix II).
  if (word.includes('"')) written.push(word.replaceAll('"', '""'))
  // The forms that appear if server and client disagree on the encoding.
  for (const sender of new Set<NameEncoding>(['utf8', 'latin1', encoding])) {
    if (!isEncodable(word, sender)) continue
    const sent = encodeName(word, sender)
    written.push(decodeName(sent, 'utf8'), decodeName(sent, 'latin1'), decodeName(sent, encoding))
  }
  return new Set(written.filter(form => form !== ''))
}

/**
 * Matches whole words only: a user called `a` must not mask every `a`. A percent escape ends a
 * word.
 */
function asWord(word: string, source: string): string {
  const before = /^[\p{L}\p{N}]/u.test(word) ? '(?<![\\p{L}\\p{N}](?<!%[\\da-f]{2}))' : ''
  const behind = /[\p{L}\p{N}]$/u.test(word) ? '(?![\\p{L}\\p{N}])' : ''
  return before + source + behind
}

/**
 * A pattern for a character: itself and its percent escapes, in UTF-8, latin1 and the server's
 * encoding, in either case.
 */
function oneCharacter(character: string, encoding: NameEncoding): string {
  const found = new Set([literal(character)])
  if (character === ' ') found.add('\\+')
  for (const cased of [character, character.toLowerCase(), character.toUpperCase()])
    for (const sender of ['utf8', 'latin1', encoding])
      if (isEncodable(cased, sender)) found.add(escaped(encodeName(cased, sender)))
  return `(?:${[...found].join('|')})`
}

/** Matches escaped escapes too: a log may hold a URL in a URL. */
const escaped = (bytes: ByteString): string =>
  [...bytes].map(byte => `%(?:25)*${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
