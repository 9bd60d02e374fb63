import { hostName } from './host-name.js'
import { invalidOptions, invalidUrl, type OptionPlace } from './option-errors.js'
import {
  deprecatedNames,
  optionSpecs,
  optionTable,
  queryName,
  type DeprecatedName,
  type OptionInputs,
  type OptionName,
  type OptionSpec,
  type UrlFamily,
} from './table.js'
import { flag } from './values.js'
import { unknownQueryName } from './unknown.js'

interface Scheme {
  family: UrlFamily
  implies: OptionInputs
}

const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['ftp', { family: 'ftp', implies: {} }],
  ['ftps', { family: 'ftp', implies: { encryptionMode: 'Implicit' } }],
  ['ftpes', { family: 'ftp', implies: { encryptionMode: 'Explicit' } }],
  ['aftp', { family: 'aftp', implies: {} }],
])

/** The scheme of a URL, and what stands behind its `://`. */
function schemeOf(url: string): { name: string; scheme: Scheme; rest: string } {
  const [, name = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(url) ?? []
  const scheme = schemes.get(name.toLowerCase())
  if (scheme !== undefined) return { name: name.toLowerCase(), scheme, rest }
  throw invalidUrl(`it must begin with ${[...schemes.keys()].map(known => `${known}://`).join(', ')}`)
}

/**
 * Refuses an encryption mode given besides a URL whose scheme demands another: `ftps:` Implicit, `ftpes:` Explicit. A URL
 * that looks safe must be.
 */
export function refuseOtherEncryption(url: string | URL, mode: OptionInputs['encryptionMode']): void {
  const { name, scheme } = schemeOf(String(url))
  const demanded = scheme.implies.encryptionMode
  if (demanded === undefined || mode === undefined || mode === demanded) return
  throw invalidOptions(`The option 'encryptionMode' (${mode}) contradicts '${name}://', which is ${demanded}`)
}

/**
 * The options that a URL holds: `ftp://[user[:password]@]host[:port][/path][?option=value&…]`.
 *
 * - All schemes are read by the rules of `ftp:`. `ftps:` is implicit TLS, `ftpes:` explicit TLS, `aftp:` is `ftp:` with
 *   absolute paths, and with the names that begin with `aftp-`.
 * - User, password and path are percent-decoded once; a `+` in them is a plus. In the query, which is form-encoded, it is
 *   a space. Percent escapes are UTF-8, whatever the encoding of the server.
 * - Names in the query are taken in any case, each once. The user part beats `auth-username` and `auth-password`.
 *
 * A URL object of the scheme `ftp:` has been changed by its own parser: `\` in its path is now `/`, and port 21 is gone.
 *
 * @throws TypeError `ERR_INVALID_URL` for a malformed URL; no error shows a credential, or the URL
 * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for an unknown option, a value that cannot be
 *   used, and options that contradict each other or the scheme
 *
 * Source: RFC 1738, section 3.2; RFC 3986; WHATWG URL for hosts; Duplicati for the query.
 */
export function parseFtpUrl(url: string | URL): OptionInputs {
  const text = String(url)
  refuseStrayCharacters(text)
  const { name, scheme, rest } = schemeOf(text)
  const [, authority = '', path = '', query = ''] = /^([^/?]*)([^?]*)\??(.*)$/s.exec(rest) ?? []
  const values = new Values()
  for (const [option, value] of Object.entries(scheme.implies))
    values.set(option as OptionName, value, `${name}://`)
  // First the authority: a password with a `?` in it would be taken for a query.
  readAuthority(authority, rest.slice(authority.length), values)
  if (path !== '') values.part('path', decoded(path, 'path'))
  readQuery(query, scheme.family, values)
  if (scheme.family === 'aftp') values.inputs.absolutePath ??= true
  return values.inputs
}

function refuseStrayCharacters(text: string): void {
  if (text.includes('#')) throw invalidUrl("it holds a '#', which must be written %23 (FTP has no fragments)")
  if (/[\0-\x1f\x7f]/.test(text))
    throw invalidUrl('it holds a control character, such as a tab or a line break')
  if (/^\s|\s$/.test(text)) throw invalidUrl('it begins or ends with a space, which must be written %20')
  if (/\p{Surrogate}/u.test(text)) throw invalidUrl('it holds half a character: not well-formed Unicode')
}

/** The options read so far, and what said them. */
class Values {
  readonly inputs: OptionInputs = {}
  readonly #saidBy = new Map<OptionName, string>()

  /** Sets an option; refuses if it has been set to another value. */
  set(option: OptionName, value: unknown, by: string): void {
    const before = this.#saidBy.get(option)
    if (before !== undefined && this.inputs[option] !== value) {
      const means = (said: string, what: unknown) => `'${said}' (${option} ${String(what)})`
      throw invalidOptions(`${means(by, value)} in the URL contradicts ${means(before, this.inputs[option])}`)
    }
    this.#saidBy.set(option, by)
    Object.assign(this.inputs, { [option]: value })
  }

  /** Sets an option to a part of the URL before the query. No part is shown: a credential may have got into it. */
  part(option: 'user' | 'password' | 'path', value: string): void {
    const place: OptionPlace = { name: option, inUrl: true, secret: true }
    Object.assign(this.inputs, { [option]: optionTable[option].kind.check(value, place) })
  }
}

/** Percent-decodes text once, strictly. */
function decoded(text: string, part: string, form = false): string {
  if (/%(?![\da-f]{2})/i.test(text)) {
    throw invalidUrl(
      `its ${part} holds a '%' without two hex digits behind it; a percent sign is written %25`,
    )
  }
  try {
    return decodeURIComponent(form ? text.replaceAll('+', ' ') : text)
  } catch {
    throw invalidUrl(
      `its ${part} holds percent escapes that are not UTF-8; 'é' is written %C3%A9, whatever the server's encoding`,
    )
  }
}

/** `[user[:password]@]host[:port]`. `behind` is what follows it in the URL. */
function readAuthority(authority: string, behind: string, values: Values): void {
  if (authority.includes('\\')) throw invalidUrl("a '\\' in its user or password must be written %5C")
  const at = authority.lastIndexOf('@')
  if (at !== authority.indexOf('@')) throw invalidUrl("an '@' in its user or password must be written %40")
  if (at >= 0) readUser(authority.slice(0, at), values)
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority.slice(at + 1)) ?? []
  // With `/` or `?` unescaped in a password, host and port are user name and password.
  const misplaced = behind.includes('@')
    ? "; '/', '?' and '@' in a user or password are written %2F, %3F and %40"
    : ''
  if (host === '') throw invalidUrl(`it has no host${misplaced}`)
  const name = hostName(decoded(host, 'host'))
  if (name === undefined) {
    const shown = misplaced || host.includes('[') ? '' : `: '${host}'`
    throw invalidUrl(
      `its host must be a name, an IPv4 address or an IPv6 address in brackets${misplaced}${shown}`,
    )
  }
  values.inputs.host = name
  if (port === '') return
  const number = /^\d+$/.test(port) ? Number(port) : 0
  if (number < 1 || number > 65_535) throw invalidUrl(`its port must be a number from 1 to 65535${misplaced}`)
  values.inputs.port = number
}

function readUser(userInfo: string, values: Values): void {
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(userInfo) ?? []
  if (user === '') {
    throw invalidUrl(`it has ${password === '' ? "an '@'" : 'a password'} but no user before it`)
  }
  values.part('user', decoded(user, 'user'))
  // As in the original, and in URL objects, `user:@` is the same as `user@`.
  if (password !== '') values.part('password', decoded(password, 'password'))
}

const warned = new Set<string>()

/** Once in a process for each name, as Node warns of what is deprecated. */
function warnOfDeprecated(name: string, { instead, code }: DeprecatedName): void {
  if (warned.has(name)) return
  warned.add(name)
  const text = `'${name}' in an FTP URL is deprecated; use '${instead}'`
  process.emitWarning(text, { type: 'DeprecationWarning', code })
}

/** The names of a family's query, in lower case. */
function namesOf(family: UrlFamily) {
  const names = new Map<string, { option: OptionName; opposite: boolean }>()
  for (const [option, spec] of optionSpecs) {
    const query = queryName(spec, family)
    if (query !== undefined) names.set(query.name, { option, opposite: query.opposite })
  }
  return names
}

function readQuery(query: string, family: UrlFamily, values: Values): void {
  const names = namesOf(family)
  const seen = new Set<string>()
  // Then an unknown name may be a piece of a credential that was not percent-encoded.
  let mayHoldSecret = query.includes('@')
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const [, rawName = '', rawValue = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? []
    const written = decoded(rawName, 'query', true)
    const name = written.toLowerCase()
    const deprecated = family === 'ftp' ? deprecatedNames.get(name) : undefined
    const known = names.get(name)
    if (known === undefined && deprecated === undefined)
      throw unknownQueryName(written, family, mayHoldSecret)
    if (seen.has(name)) throw invalidOptions(`The option '${name}' stands twice in the URL`)
    seen.add(name)
    const value = decoded(rawValue, 'query', true)
    if (deprecated !== undefined) {
      const on = flag.read(value, { name, inUrl: true })
      warnOfDeprecated(name, deprecated)
      for (const [option, meant] of on ? Object.entries(deprecated.means) : [])
        values.set(option as OptionName, meant, name)
    } else if (known !== undefined) {
      const { kind, secret = false }: OptionSpec = optionTable[known.option]
      mayHoldSecret ||= secret
      const place: OptionPlace = { name, inUrl: true, secret }
      const input = kind.read(value, place)
      kind.check(input, place)
      if (secret && values.inputs[known.option] !== undefined) continue
      values.set(known.option, known.opposite ? !input : input, name)
    }
  }
}
