import { latest, monthOf, precisionOf } from './ls-date.js'
import { monthByName } from './month-names.js'
import type { ByteString } from '../names/names.js'
import { utcTime } from '../time/time-val.js'

/** A date whose end is certain; its value may not be. */
export interface LooseDate {
  mtime?: number
  mtimePrecision?: 'second' | 'minute' | 'day'
  /** Its length in bytes, with the separator before the name. */
  length: number
}

const clock = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d{1,9}(?: [+-]\d{4})?)?)?`
// A date without a clock time is padded to the width of one. A single space may precede a clock
// time in an unknown form.
const bySigns = new RegExp(
  String.raw`^(\d{4}|\d{1,2})([-/.])(\d{1,2}|[^\s\d./-]{3,24})\2(\d{4}|\d{1,2})\.?(?:(?: +${clock}) | {2,})`,
)
const monthAndDay = new RegExp(String.raw`^(\d{1,2})-(\d{1,2}) +(?:${clock}|(\d{4})) `)
// A year of three or five digits is invalid, but still ends the date.
const byWords = new RegExp(
  String.raw`^(\S{1,48}) +(\S{1,48}) +(?:${clock}|(\d{3,5})(?:[\x80-\xff][\x40-\xff]{1,3})?\.?) `,
)
// `26.`, `26,`, and a day with its sign in Chinese, Japanese and Korean.
const dayForm = /^(\d{1,2})(?:[\x80-\xff][\x40-\xff]{1,3})?[.,]?$/

/**
 * The date at the start of a text, in the forms that `ls` uses in other languages and settings:
 * month names in any language, numbers alone, the day before the month. A date that does not exist
 * or is ambiguous gives no time.
 *
 * @returns undefined if the extent of the date is not certain
 */
export function looseDate(text: ByteString, now: number): LooseDate | undefined {
  return dateBySigns(text) ?? dateOfYear(text, now) ?? dateByWords(text, now)
}

/** `1999/10/12 17:12`, `24-04-2003 17:12`, `2004.07.15`, `05-Jan-2024 10:00`. */
function dateBySigns(text: ByteString): LooseDate | undefined {
  const found = bySigns.exec(text)
  if (!found) return undefined
  const [all, first = '', sign, second = '', third = '', hours, minutes, seconds] = found
  if (first.length === 4 && third.length === 4) return undefined
  const time = timeOf(hours, minutes, seconds)
  const date = first.length === 4 ? ([first, second, third] as const) : inOrder(first, second, third, sign!)
  const month = date && (monthOf(date[1]) || monthByName(date[1]) || Number(date[1]))
  return dated(all.length, date && [fullYear(date[0]), month!, Number(date[2])], time)
}

/** Year, month and day; undefined if day and month are ambiguous. */
function inOrder(
  first: string,
  second: string,
  year: string,
  sign: string,
): readonly [string, string, string] | undefined {
  if (year.length === 3) return undefined
  if (sign === '.' || !/^\d+$/.test(second) || Number(first) > 12) return [year, second, first]
  return Number(second) > 12 || first === second ? [year, first, second] : undefined
}

function fullYear(digits: string): number {
  const year = Number(digits)
  return digits.length > 2 ? year : year + (year < 70 ? 2000 : 1900)
}

/** `09-26 2000`, `09-26 13:45`. */
function dateOfYear(text: ByteString, now: number): LooseDate | undefined {
  const found = monthAndDay.exec(text)
  if (!found) return undefined
  const [all, first, second, hours, minutes, seconds, year] = found
  return ofMonth(
    all.length,
    inYear(Number(first), Number(second)),
    year,
    timeOf(hours, minutes, seconds),
    now,
  )
}

/**
 * `26. Juli, 20:10`, `szept 26 20:10`, `2. Okt. 2003`, `3 29 03:26`, and a number with the sign for
 * month before `30 2019`.
 */
function dateByWords(text: ByteString, now: number): LooseDate | undefined {
  const found = byWords.exec(text)
  if (!found) return undefined
  const [all, first = '', second = '', hours, minutes, seconds, year] = found
  const date = monthAndDayOf(first, second)
  if (!date || (/^\d+$/.test(first) && /^\d+$/.test(second) && year !== undefined)) return undefined
  return ofMonth(all.length, date, year, timeOf(hours, minutes, seconds), now)
}

/** Month and day; undefined without a day. An unknown month is 0. */
function monthAndDayOf(first: ByteString, second: ByteString): readonly [number, number] | undefined {
  const days = [dayForm.exec(first)?.[1], dayForm.exec(second)?.[1]]
  const [one, other] = [monthIn(first), monthIn(second)]
  if (one && days[1]) return [one, Number(days[1])]
  if (other && days[0]) return [other, Number(days[0])]
  if (days[0] && days[1]) return inYear(Number(days[0]), Number(days[1]))
  const [name, day] = days[0] ? [second, days[0]] : [first, days[1]]
  return day && /^[^\d\s]+$/.test(name) ? [0, Number(day)] : undefined
}

function monthIn(word: ByteString): number | undefined {
  return monthOf(word) || (/^\d{1,2}[.,]?$/.test(word) ? undefined : monthByName(word))
}

/** Month and day, in the order that the numbers allow: a number above 12 is the day. */
function inYear(first: number, second: number): readonly [number, number] {
  return first > 12 ? [second, first] : [first, second]
}

function timeOf(hours?: string, minutes?: string, seconds?: string): number[] | undefined {
  if (hours === undefined || minutes === undefined) return undefined
  const time = [Number(hours), Number(minutes)]
  if (seconds !== undefined) time.push(Number(seconds))
  return time
}

function ofMonth(
  length: number,
  [month, day]: readonly [number, number],
  year: string | undefined,
  time: number[] | undefined,
  now: number,
): LooseDate {
  if (time === undefined)
    return dated(length, year?.length === 4 ? [Number(year), month, day] : undefined, time)
  const mtime = latest(month, day, time, now)
  return mtime === undefined ? { length } : { length, mtime, mtimePrecision: precisionOf(time) }
}

function dated(
  length: number,
  date: readonly [number, number, number] | undefined,
  time: number[] | undefined,
): LooseDate {
  const mtime = date && utcTime(...date, ...(time ?? []))
  if (mtime === undefined) return { length }
  return { length, mtime, mtimePrecision: time ? precisionOf(time) : 'day' }
}
