import { inspect } from 'node:util'
import { nodeError } from '../node/node-errors.js'

/** The origin of a value, for the text of an error. */
export interface OptionPlace {
  /** The option's name as the user writes it: camelCase in code, the query's name in a URL. */
  name: string
  inUrl?: boolean
  /** The value is a credential, which no error shows. */
  secret?: boolean
}

const subject = ({ name, inUrl }: OptionPlace): string => `The option '${name}'${inUrl ? ' in the URL' : ''}`

function shown(value: unknown, { secret }: OptionPlace): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') {
    const maker = (value as { constructor?: { name?: string } }).constructor?.name
    return maker ? `an instance of ${maker}` : 'an object'
  }
  if (secret || typeof value === 'function' || typeof value === 'symbol') return `type ${typeof value}`
  const text = inspect(value)
  return text.length > 128 ? `${text.slice(0, 128)}...` : text
}

/**
 * The error for a value of the right type that is not allowed. `allowed` ends the sentence "The
 * option … must …".
 */
export function invalidValue(place: OptionPlace, allowed: string, value: unknown): TypeError {
  const received = place.secret ? 'a value that is not shown' : shown(value, place)
  const message = `${subject(place)} must ${allowed}. Received ${received}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_VALUE', invalidValue)
}

/** The error for a value of the wrong type. */
export function invalidType(place: OptionPlace, allowed: string, value: unknown): TypeError {
  const message = `${subject(place)} must ${allowed}. Received ${shown(value, place)}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_TYPE', invalidType)
}

/**
 * The error for an argument of the wrong type. It shows no text, which may be a URL with a
 * password.
 */
export function invalidArgument(name: string, allowed: string, value: unknown): TypeError {
  const received = shown(value, { name, secret: true })
  const message = `The "${name}" argument must be ${allowed}. Received ${received}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_TYPE', invalidArgument)
}

/** The error for a number outside its range: a RangeError, as in Node. */
export function optionOutOfRange(place: OptionPlace, range: string, value: number): RangeError {
  const message = `${subject(place)} must be ${range}. Received ${value}`
  return nodeError(new RangeError(message), 'ERR_OUT_OF_RANGE', optionOutOfRange)
}

/** The error for an unknown option, and for values that are valid one by one, but not together. */
export function invalidOptions(message: string): TypeError {
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_VALUE', invalidOptions)
}

/**
 * The error for text that is not the URL of an FTP server. It does not show the URL, which may hold
 * a password.
 */
export function invalidUrl(reason: string): TypeError {
  return nodeError(new TypeError(`Invalid URL: ${reason}`), 'ERR_INVALID_URL', invalidUrl)
}
