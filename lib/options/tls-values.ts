import type { SecureContextOptions, SecureVersion } from 'node:tls'
import { invalidType, invalidValue, type OptionPlace } from './option-errors.js'
import type { ValueKind } from './values.js'

/** The TLS versions that a connection may use; without a bound, the system's. */
export interface TlsVersions {
  readonly minVersion?: SecureVersion
  readonly maxVersion?: SecureVersion
}

/** Names of TLS versions, as .NET and Duplicati write them, the oldest first. */
export type SslProtocol = 'Tls' | 'Tls11' | 'Tls12' | 'Tls13'

const versions: ReadonlyMap<SslProtocol, SecureVersion> = new Map([
  ['Tls', 'TLSv1'],
  ['Tls11', 'TLSv1.1'],
  ['Tls12', 'TLSv1.2'],
  ['Tls13', 'TLSv1.3'],
])
const protocols = [...versions.keys()]

/** The texts of a list: an array of texts, or one text that is split. */
function list(value: unknown, separator: RegExp, place: OptionPlace): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value]
  const texts = items.flatMap(item => {
    if (typeof item !== 'string') throw invalidType(place, 'be of type string or an array of strings', item)
    return item.split(separator)
  })
  return texts.map(word => word.trim())
}

/** The protocols named, in their order of age; none for `None`. */
function namedProtocols(value: unknown, place: OptionPlace): SslProtocol[] {
  const given = list(value, /,/, place).map(word => word.toLowerCase())
  if (given.length === 1 && given[0] === 'none') return []
  const named = protocols.filter(name => given.includes(name.toLowerCase()))
  const allKnown = given.every(word => named.some(name => name.toLowerCase() === word))
  if (named.length === 0 || !allKnown) {
    const allowed = `be None (the system's default) alone, or a comma-separated list of ${protocols.join(', ')}`
    throw invalidValue(place, allowed, String(value))
  }
  const first = protocols.indexOf(named[0]!)
  if (named.some((name, at) => name !== protocols[first + at])) {
    const missing = protocols
      .slice(first, protocols.indexOf(named.at(-1)!))
      .filter(name => !named.includes(name))
    throw invalidValue(
      place,
      `name TLS versions without a gap (${missing.join(', ')} missing)`,
      String(value),
    )
  }
  return named
}

/** TLS versions by name. They must be neighbours: OpenSSL takes a lowest and a highest version. */
export const sslProtocols: ValueKind<string, TlsVersions> = {
  read: (value, place) => namedProtocols(value, place).join(',') || 'None',
  check(value, place) {
    const named = namedProtocols(value, place)
    if (named.length === 0) return {}
    return { minVersion: versions.get(named[0]!)!, maxVersion: versions.get(named.at(-1)!)! }
  },
}

/** Hashes of certificates, SHA-1 or SHA-256, as lower-case hex digits without separators. */
export const certificateHashes: ValueKind<string, readonly string[]> = {
  read: value => value,
  check(value, place) {
    const allowed =
      'hold hashes of certificates: SHA-1 (40 hex digits) or SHA-256 (64), separated by commas or semicolons'
    const given = list(value, /[,;]/, place).filter(word => word !== '')
    // An empty array says "none"; an empty text is more likely a variable that was not set.
    if (given.length === 0 && !(Array.isArray(value) && value.length === 0))
      throw invalidValue(place, allowed, String(value))
    const hashes = given.map(word => {
      const digits = word.replace(/[:\s]/g, '').toLowerCase()
      if (!/^(?:[\da-f]{40}|[\da-f]{64})$/.test(digits)) throw invalidValue(place, allowed, word)
      return digits
    })
    return [...new Set(hashes)]
  },
}

type Pem = NonNullable<SecureContextOptions['ca']>
type Key = NonNullable<SecureContextOptions['key']>

const isPem = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || value instanceof Uint8Array

function pem<T>(isItem: (item: unknown) => boolean, allowed: string): ValueKind<T> {
  return {
    // Without a name in the query, so never read from there.
    read: value => value as T,
    check(value, place) {
      if (isItem(value)) return value as T
      if (Array.isArray(value) && value.length > 0 && value.every(isItem)) return value as T
      throw invalidType(place, allowed, value)
    },
  }
}

/** Certificates in PEM, as `tls.createSecureContext` takes them. */
export const certificates = pem<Pem>(isPem, 'be PEM text, a Buffer of it, or an array of those')

/** Private keys in PEM, as `tls.createSecureContext` takes them. */
export const privateKeys = pem<Key>(
  value => isPem(value) || isPem((value as { pem?: unknown } | null)?.pem),
  'be PEM text, a Buffer of it, or an array of those or of { pem, passphrase }',
)
