import { parseDigits } from '../reply/digits.js'

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Milliseconds since the epoch of a date and time in UTC; undefined if the date or time does not
 * exist (30 February, 25 o'clock). `month` counts from 1; a leap second (60) is the first second of
 * the next minute.
 */
export function utcTime(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
): number | undefined {
  if (!(year >= 100 && year <= 9999 && day >= 1 && day <= (monthDays[month - 1] ?? 0))) return undefined
  if (!(minute >= 0 && minute <= 59 && second >= 0 && second <= 60)) return undefined
  // 24:00 is the end of the day (ISO 8601).
  if (!(hour >= 0 && (hour <= 23 || (hour === 24 && minute === 0 && second === 0)))) return undefined
  // 29 February exists only in a leap year.
  if (month === 2 && day === 29 && !isLeapYear(year)) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond)
}

/** Whether a year is a leap year of the Gregorian calendar. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/**
 * Parses RFC 3659's `time-val` (section 2.3: `YYYYMMDDHHMMSS[.fraction]`, always UTC) to
 * milliseconds since the epoch; undefined for any other text. Truncates the fraction to
 * milliseconds.
 */
export function parseTimeVal(text: string): number | undefined {
  const dot = text.indexOf('.')
  const end = dot < 0 ? text.length : dot
  let millisecond = 0
  if (dot >= 0) {
    if (parseDigits(text, dot + 1, Math.min(text.length, dot + 16)) < 0) return undefined
    millisecond = parseDigits(text.slice(dot + 1, dot + 4).padEnd(3, '0'))
  }
  // Servers that print `"19" + tm_year` send 19105 for 2005.
  const y2k = end === 15 && text.startsWith('191')
  const at = y2k ? 5 : 4
  if (end !== at + 10) return undefined
  return utcTime(
    y2k ? 1900 + parseDigits(text, 2, 5) : parseDigits(text, 0, 4),
    parseDigits(text, at, at + 2),
    parseDigits(text, at + 2, at + 4),
    parseDigits(text, at + 4, at + 6),
    parseDigits(text, at + 6, at + 8),
    parseDigits(text, at + 8, at + 10),
    millisecond,
  )
}
