import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { invalidArgument, invalidOptions } from './option-errors.js'
import { optionSpecs, optionTable, type CheckedOptions } from './table.js'
import { unknownOption } from './unknown.js'
import { isEncodable } from '../wire/names/names.js'

/**
 * The options of an object in their canonical form; those that are absent or undefined are left out.
 *
 * @throws for an option that there is not, and for a value that cannot be used
 */
export function checkOptions(options: unknown): CheckedOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidArgument('options', 'an object', options)
  }
  for (const name in options) {
    if (!Object.hasOwn(optionTable, name)) throw unknownOption(name)
  }
  const checked: Record<string, unknown> = {}
  for (const [name, { kind, secret = false }] of optionSpecs) {
    const value = (options as Record<string, unknown>)[name]
    if (value !== undefined) checked[name] = kind.check(value, { name, secret })
  }
  return checked
}

/** Refuses options that are each in order but not together. */
export function refuseContradictions(given: CheckedOptions): void {
  if (given.path?.startsWith('//') && given.absolutePath === false) {
    throw invalidOptions("The path begins with '//', which makes it absolute, but 'absolutePath' is false")
  }
  if (given.password !== undefined && given.user === undefined) {
    throw invalidOptions(
      "There is a password but no user; for an anonymous login with it the user is 'anonymous'",
    )
  }
  if ((given.cert === undefined) !== (given.key === undefined)) {
    throw invalidOptions("The options 'cert' and 'key' need each other")
  }
  refuseUnusablePem(given)
  const { encoding = 'utf8' } = given
  for (const name of ['user', 'password', 'account', 'path'] as const) {
    // Something else would be sent in place of other characters.
    if (isEncodable(given[name] ?? '', encoding)) continue
    throw invalidOptions(
      `The option '${name}' holds characters that ${encoding}, the encoding of the server, does not have`,
    )
  }
}

/** Text in PEM that holds nothing of the kind: OpenSSL would pass over it, or find out only when a connection is made. */
function refuseUnusablePem({ ca, cert, key }: CheckedOptions): void {
  for (const [name, given] of Object.entries({ ca, cert })) {
    for (const pem of given === undefined ? [] : [given].flat()) {
      if (isCertificate(pem)) continue
      throw invalidOptions(`The option '${name}' holds something that is not a certificate in PEM`)
    }
  }
  if (cert === undefined) return
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw invalidOptions(
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
        ? "The option 'key' is not the key of the certificate in 'cert'"
        : "The option 'key' holds something that is not a private key in PEM, or its passphrase is wrong or missing",
    )
  }
}

function isCertificate(pem: string | Buffer): boolean {
  try {
    return Boolean(new X509Certificate(pem))
  } catch {
    return false
  }
}
