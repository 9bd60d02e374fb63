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

/** The scheme of a URL, and the rest after `://`. */
function schemeOf(url: string): { name: string; scheme: Scheme; rest: string } {
  const [, name = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(url) ?? []
  const scheme = schemes.get(name.toLowerCase())
  if (scheme !== undefined) return { name: name.toLowerCase(), scheme, rest }
  throw invalidUrl(`it must begin with ${[...schemes.keys()].map(known => `${known}://`).join(', ')}`)
}

/**
 * Refuses an `encryptionMode` that contradicts the scheme (`ftps:` Implicit, `ftpes:` Explicit): a
 * URL that looks safe must be safe.
 */
export function refuseOtherEncryption(url: string | URL, mode: OptionInputs['encryptionMode']): void {
  const { name, scheme } = schemeOf(String(url))
  const demanded = scheme.implies.encryptionMode
  if (demanded === undefined || mode === undefined || mode === demanded) return
  throw invalidOptions(`The option 'encryptionMode' (${mode}) contradicts '${name}://', which is ${demanded}`)
}

/**
 * Reads the options in a URL: `ftp://[user[:password]@]host[:port][/path][?option=value&…]`.
 *
 * - All schemes follow the rules of `ftp:`. `ftps:` is implicit TLS, `ftpes:` explicit TLS; `aftp:`
 *   has absolute paths and names that begin with `aftp-`.
 * - User, password and path are percent-decoded once; a `+` in them is a plus. The query is
 *   form-encoded: a `+` there is a space. Percent escapes are UTF-8, whatever the server's
 *   encoding.
 * - Names in the query match in any case, once each. The user part takes precedence over
 *   `auth-username` and `auth-password`.
 *
 * The parser of URL objects has already changed a URL of the scheme `ftp:`: `\` in its path is `/`,
 * and port 21 is gone.
 *
 * Source: RFC 1738, section 3.2; RFC 3986; WHATWG URL for hosts; Duplicati for the query.
 *
 * @throws TypeError `ERR_INVALID_URL` for a malformed URL; no error shows a credential, or the URL
 * @throws TypeError `ERR_INVALID_ARG_VALUE`, RangeError `ERR_OUT_OF_RANGE` for an unknown option,
 *   an invalid value, and options that contradict each other or the scheme
 */
export function parseFtpUrl(url: string | URL): OptionInputs {
  const text = String(url)
  refuseStrayCharacters(text)
  const { name, scheme, rest } = schemeOf(text)
  const [, authority = '', path = '', query = ''] = /^([^/?]*)([^?]*)\??(.*)$/s.exec(rest) ?? []
  const values = new Values()
  for (const [option, value] of Object.entries(scheme.implies))
    values.set(option as OptionName, value, `${name}://`)
  // The authority first: its errors explain a stray `?` in a password, which looks like a query.
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

/** The options read so far, and the part of the URL that set each. */
class Values {
  readonly inputs: OptionInputs = {}
  readonly #setBy = new Map<OptionName, string>()

  /** Sets an option; refuses a second, different value. */
  set(option: OptionName, value: unknown, by: string): void {
    const before = this.#setBy.get(option)
    if (before !== undefined && this.inputs[option] !== value) {
      const means = (source: string, what: unknown) => `'${source}' (${option} ${String(what)})`
      throw invalidOptions(`${means(by, value)} in the URL contradicts ${means(before, this.inputs[option])}`)
    }
    this.#setBy.set(option, by)
    Object.assign(this.inputs, { [option]: value })
  }

  /**
   * Sets an option from a part of the URL before the query. No error shows the part: it may contain
   * a misplaced credential.
   */
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

/** Reads `[user[:password]@]host[:port]`. `behind` is the rest of the URL. */
function readAuthority(authority: string, behind: string, values: Values): void {
  if (authority.includes('\\')) throw invalidUrl("a '\\' in its user or password must be written %5C")
  const at = authority.lastIndexOf('@')
  if (at !== authority.indexOf('@')) throw invalidUrl("an '@' in its user or password must be written %40")
  if (at >= 0) readUser(authority.slice(0, at), values)
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority.slice(at + 1)) ?? []
  // After an unescaped `/` or `?` in a password, host and port hold user name and password.
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
  // As in Duplicati and in URL objects, `user:@` is the same as `user@`.
  if (password !== '') values.part('password', decoded(password, 'password'))
}

const warned = new Set<string>()

/** Warns once per process and name, as Node does. */
function warnOfDeprecated(name: string, { instead, code }: DeprecatedName): void {
  if (warned.has(name)) return
  warned.add(name)
  const text = `'${name}' in an FTP URL is deprecated; use '${instead}'`
  process.emitWarning(text, { type: 'DeprecationWarning', code })
}

/** The names in the query of a family, in lower case. */
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
  // After a credential, or before an `@`, an unknown name may be a piece of a credential.
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
