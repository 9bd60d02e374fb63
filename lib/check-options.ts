import { invalidArgument, invalidOptions } from './option-errors.js'
import { optionSpecs, optionTable, type CheckedOptions } from './option-table.js'
import { unknownOption } from './unknown-option.js'

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
  if (given.encoding !== 'latin1') return
  for (const name of ['user', 'password', 'account', 'path'] as const) {
    // Sent in latin1, other characters would become some others.
    if (!/[^\0-\xff]/.test(given[name] ?? '')) continue
    throw invalidOptions(
      `The option '${name}' holds characters that latin1, the encoding of the server, does not have`,
    )
  }
}
