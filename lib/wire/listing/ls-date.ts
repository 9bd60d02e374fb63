import { parseDigits } from '../reply/digits.js'
import { isLeapYear, utcTime } from '../time/time-val.js'
import type { Words } from './words.js'

/** The time of the last modification, as `ls` prints it. */
export interface ListedDate {
  mtime: number
  precision: 'second' | 'minute' | 'day'
  /** The number of words that it takes. */
  words: number
}

/**
 * The date that begins at a word: `Jan 5 10:00`, `Jan 5 2019`, `5 Jan …`, or `2019-01-05 10:00`.
 */
export function dateAt(words: Words, index: number, now: number): ListedDate | undefined {
  const first = words.at(index)
  const second = words.at(index + 1)
  if (first.length === 10 && first[4] === '-' && first[7] === '-') return isoDate(first, second)

  let month = monthOf(first)
  const day = parseDay(month ? second : first)
  month ||= monthOf(second)
  if (!month || day < 0) return undefined

  const third = words.at(index + 2)
  const time = parseTime(third)
  if (time) {
    const mtime = latest(month, day, time, now)
    return mtime === undefined ? undefined : { mtime, precision: precisionOf(time), words: 3 }
  }
  const mtime = third.length === 4 ? utcTime(parseDigits(third), month, day) : undefined
  return mtime === undefined ? undefined : { mtime, precision: 'day', words: 3 }
}

function isoDate(date: string, clock: string): ListedDate | undefined {
  const time = parseTime(clock)
  if (!time) return undefined
  const [year, month, day] = [parseDigits(date, 0, 4), parseDigits(date, 5, 7), parseDigits(date, 8, 10)]
  const mtime = utcTime(year, month, day, ...time)
  return mtime === undefined ? undefined : { mtime, precision: precisionOf(time), words: 2 }
}

/** The number of the month with these three letters in English; 0 for any other word. */
export function monthOf(word: string): number {
  if (word.length !== 3) return 0
  const at = 'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(word.toLowerCase())
  return at % 3 === 0 ? at / 3 + 1 : 0
}

function parseDay(word: string): number {
  return word.length <= 2 ? parseDigits(word) : -1
}

/** Hour, minute and, if given, second of `10:00` or `9:05:59`. */
function parseTime(word: string): number[] | undefined {
  if (word.length > 8) return undefined
  const colon = word.indexOf(':')
  if (colon !== 1 && colon !== 2) return undefined
  const time = [parseDigits(word, 0, colon), parseDigits(word, colon + 1, colon + 3)]
  if (word.length > colon + 3) {
    if (word[colon + 3] !== ':' || word.length !== colon + 6) return undefined
    time.push(parseDigits(word, colon + 4))
  }
  return time
}

/** The unit that a time was rounded down to. */
export function precisionOf(time: readonly number[]): 'second' | 'minute' {
  return time.length === 3 ? 'second' : 'minute'
}

const DAY = 24 * 60 * 60 * 1000

/**
 * The latest moment with this month, day and time that is at most one day after `now`; for 29
 * February that may be eight years ago.
 */
export function latest(month: number, day: number, time: number[], now: number): number | undefined {
  const year = new Date(now + DAY).getUTCFullYear()
  for (let back = 0; back <= 8; back++) {
    if (month === 2 && day === 29 && !isLeapYear(year - back)) continue
    const mtime = utcTime(year - back, month, day, ...time)
    if (mtime === undefined || mtime <= now + DAY) return mtime
  }
  return undefined
}
