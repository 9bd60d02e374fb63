import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { hostName } from './host-name.js'
import { invalidType, invalidValue, optionOutOfRange, type OptionPlace } from './option-errors.js'
import { timeSpan } from './time-span.js'
import { nameEncoding } from '../wire/names/name-encoding.js'
import type { NameEncoding } from '../wire/names/names.js'
import { timeZone } from '../wire/time/time-zone.js'

/** What an option may be: how its text in a URL is read, and how a value given in code is checked. */
export interface ValueKind<In, Out = In> {
  /** The text of a URL's query as the value that code would give. */
  read(text: string, place: OptionPlace): In
  /** The value in its one canonical form. */
  check(value: unknown, place: OptionPlace): Out
}

/** Text that can stand in an FTP command: no line break ends it, every character can be encoded. */
function plainText(value: unknown, place: OptionPlace): string {
  if (typeof value !== 'string') throw invalidType(place, 'be of type string', value)
  if (/[\0\r\n]/.test(value)) throw invalidValue(place, 'not hold CR, LF or NUL', value)
  if (/\p{Surrogate}/u.test(value))
    throw invalidValue(place, 'be well-formed Unicode (it holds half a character)', value)
  return value
}

/** Text, which may be empty. */
export const text: ValueKind<string> = { read: value => value, check: plainText }

/** Text that is not empty. `hint` is added where it is. */
export const filledText = (hint = ''): ValueKind<string> => ({
  read: value => value,
  check(value, place) {
    const checked = plainText(value, place)
    if (checked === '') throw invalidValue(place, `not be empty${hint}`, value)
    return checked
  },
})

/** A folder on this machine, made absolute: the program may change its working directory later. */
export const localFolder: ValueKind<string> = {
  read: value => value,
  check: (value, place) => resolve(filledText().check(value, place)),
}

/** A host's name or address. */
export const host: ValueKind<string> = {
  read: value => value,
  check(value, place) {
    if (typeof value !== 'string')
      throw invalidType(place, 'be of type string: a host name or an IP address', value)
    const name = hostName(value)
    if (name !== undefined) return name
    const allowed =
      'be a host name or an IP address alone; user, password, port and path have options of their own'
    throw invalidValue({ ...place, secret: value.includes('@') }, allowed, value)
  },
}

const words = new Map(
  Object.entries({
    '': true,
    true: true,
    1: true,
    on: true,
    yes: true,
    false: false,
    0: false,
    off: false,
    no: false,
  }),
)

/** True or false. In a URL the name alone says true. */
export const flag: ValueKind<boolean> = {
  read(value, place) {
    const said = words.get(value.toLowerCase())
    if (said === undefined) throw invalidValue(place, 'be true, 1, on, yes, or false, 0, off, no', value)
    return said
  },
  check(value, place) {
    if (typeof value !== 'boolean') throw invalidType(place, 'be of type boolean', value)
    return value
  },
}

function inRange(value: number, min: number, max: number, place: OptionPlace, what: string): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw optionOutOfRange(place, `${what} from ${min} to ${max}`, value)
  }
  return value
}

/** A whole number. */
export const whole = (min: number, max: number): ValueKind<number> => ({
  read(value, place) {
    if (!/^\d+$/.test(value)) throw invalidValue(place, `be a whole number from ${min} to ${max}`, value)
    return Number(value)
  },
  check(value, place) {
    if (typeof value !== 'number')
      throw invalidType(place, `be of type number: a whole one from ${min} to ${max}`, value)
    return inRange(value, min, max, place, 'a whole number')
  },
})

// What a timer holds; a longer one would fire at once.
const longest = 2 ** 31 - 1

/** Milliseconds; in a URL a time span such as `2s`. */
export const time = (min: number): ValueKind<number> => ({
  read(value, place) {
    const milliseconds = timeSpan(value)
    if (milliseconds !== undefined) return milliseconds
    const units = 'ms s m h D W M Y, in which case matters'
    throw invalidValue(
      place,
      `be a time such as 30 (seconds), 500ms, 2s, 1m or 1h30m; units are ${units}`,
      value,
    )
  },
  check(value, place) {
    if (typeof value !== 'number') {
      throw invalidType(
        place,
        "be of type number: milliseconds (a time such as '2s' stands only in a URL)",
        value,
      )
    }
    return inRange(value, min, longest, place, 'a whole number of milliseconds')
  },
})

/** A time, or none: `Infinity`, in a URL `none`. */
export const timeOrNone = (min: number): ValueKind<number> => ({
  read: (value, place) => (value.toLowerCase() === 'none' ? Infinity : time(min).read(value, place)),
  check: (value, place) => (value === Infinity ? Infinity : time(min).check(value, place)),
})

/** One of some names, in any case. `synonyms` are other names for them. */
export function oneOf<const Name extends string>(
  names: readonly Name[],
  synonyms: Readonly<Record<string, Name>> = {},
): ValueKind<Name> {
  const known = new Map<string, Name>()
  for (const name of names) known.set(name.toLowerCase(), name)
  for (const [synonym, name] of Object.entries(synonyms)) known.set(synonym.toLowerCase(), name)
  const allowed = `be one of ${[...names, ...Object.keys(synonyms)].join(', ')}`
  function check(value: unknown, place: OptionPlace): Name {
    if (typeof value !== 'string') throw invalidType(place, allowed, value)
    const name = known.get(value.toLowerCase())
    if (name === undefined) throw invalidValue(place, allowed, value)
    return name
  }
  return { read: check, check }
}

/** Ports, the first and the last. */
export interface PortRange {
  readonly min: number
  readonly max: number
}

/** A range of ports such as `50000-50100`, or one port. */
export const ports: ValueKind<string | number, PortRange> = {
  read: value => value,
  check(value, place) {
    const allowed = "be a port from 1 to 65535, or a range of them such as '50000-50100', the lower one first"
    if (typeof value === 'number') {
      const port = inRange(value, 1, 65_535, place, 'a whole number')
      return { min: port, max: port }
    }
    if (typeof value !== 'string') throw invalidType(place, allowed, value)
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? []
    const range = { min: Number(first), max: Number(last) }
    if (range.min >= 1 && range.min <= range.max && range.max <= 65_535) return range
    throw invalidValue(place, allowed, value)
  },
}

/** An IP address: no name, and no zone, which means nothing to others. */
export const address: ValueKind<string> = {
  read: value => value,
  check(value, place) {
    const allowed = 'be an IPv4 or IPv6 address, not a name'
    if (typeof value !== 'string') throw invalidType(place, allowed, value)
    const literal = /^\[(.*)\]$/.exec(value)?.[1] ?? value
    const canonical = isIP(literal) && !literal.includes('%') ? hostName(value) : undefined
    if (canonical === undefined) throw invalidValue(place, allowed, value)
    return canonical
  },
}

const encodings =
  'be an encoding that iconv-lite knows and that writes ASCII as itself: utf8, latin1, iso-8859-2, windows-1251, ' +
  'koi8-r, cp437, gbk, gb18030, big5, shift_jis, euc-jp, euc-kr and others'

function checkEncoding(value: unknown, place: OptionPlace): NameEncoding {
  if (typeof value !== 'string') throw invalidType(place, encodings, value)
  const name = nameEncoding(value)
  if (name === undefined) throw invalidValue(place, encodings, value)
  return name
}

/** A character encoding for names, in any of its spellings. */
export const encoding: ValueKind<NameEncoding> = { read: checkEncoding, check: checkEncoding }

const zones = "be 'UTC', an offset such as '+02:00', or a name of the IANA database such as 'Europe/Berlin'"

function checkZone(value: unknown, place: OptionPlace): string {
  if (typeof value !== 'string') throw invalidType(place, zones, value)
  const zone = timeZone(value)
  if (zone === undefined) throw invalidValue(place, zones, value)
  return zone.name
}

/** A time zone. */
export const zone: ValueKind<string> = {
  // The plus of `+02:00` is a space in a query, unless it is written %2B.
  read: (value, place) => checkZone(value.replace(/^ (?=\d)/, '+'), place),
  check: checkZone,
}
