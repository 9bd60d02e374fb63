import { inspect } from 'node:util'
import { nodeError } from '../node/node-errors.js'

/** Where a value came from: what an error about it may say. */
export interface OptionPlace {
  /** The option's name as the user wrote it: camelCase in code, the query's name in a URL. */
  name: string
  inUrl?: boolean
  /** The value is a credential: no error shows it. */
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

/** A value of the right type that cannot be used. `allowed` ends the sentence "The option … must …". */
export function invalidValue(place: OptionPlace, allowed: string, value: unknown): TypeError {
  const received = place.secret ? 'a value that is not shown' : shown(value, place)
  const message = `${subject(place)} must ${allowed}. Received ${received}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_VALUE', invalidValue)
}

/** A value of the wrong type. */
export function invalidType(place: OptionPlace, allowed: string, value: unknown): TypeError {
  const message = `${subject(place)} must ${allowed}. Received ${shown(value, place)}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_TYPE', invalidType)
}

/** An argument of the wrong type. Text is not shown: it may be a URL that holds a password. */
export function invalidArgument(name: string, allowed: string, value: unknown): TypeError {
  const received = shown(value, { name, secret: true })
  const message = `The "${name}" argument must be ${allowed}. Received ${received}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_TYPE', invalidArgument)
}

/** A number outside its range: a RangeError, as Node throws it. */
export function optionOutOfRange(place: OptionPlace, range: string, value: number): RangeError {
  const message = `${subject(place)} must be ${range}. Received ${value}`
  return nodeError(new RangeError(message), 'ERR_OUT_OF_RANGE', optionOutOfRange)
}

/** Values that are each in order but not together, or an option that there is not. */
export function invalidOptions(message: string): TypeError {
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_VALUE', invalidOptions)
}

/** Text that is not the URL of an FTP server. The URL itself is not shown: it may hold a password. */
export function invalidUrl(reason: string): TypeError {
  return nodeError(new TypeError(`Invalid URL: ${reason}`), 'ERR_INVALID_URL', invalidUrl)
}
