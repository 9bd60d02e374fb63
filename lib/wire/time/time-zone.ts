/** The local time of a place. */
export interface TimeZone {
  /** `UTC`, `+02:00`, or the place as it was written. */
  readonly name: string
  /**
   * The moment at which clocks there show a time: milliseconds since the epoch, of a time that is given as if it were
   * UTC. An hour that clocks show twice is the first of the two; one that they leave out counts on from before.
   */
  utc(local: number): number
  /** The time that clocks there show at a moment, given as if it were UTC. */
  local(moment: number): number
  /** The zone whose clocks are always as far ahead of UTC as they are here at a moment. */
  fixedAt(moment: number): TimeZone
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const zones = new Map<string, TimeZone | undefined>()

/**
 * A time zone by its name: `UTC`, `Z`, an offset such as `+02:00`, `-0330` or `+1`, or a name of the IANA database in
 * any case, as far as Node knows it.
 */
export function timeZone(name: string): TimeZone | undefined {
  if (!zones.has(name))
    zones.set(name, /^(?:utc|gmt|z)$/i.test(name) ? utc : (byOffset(name) ?? byPlace(name)))
  return zones.get(name)
}

/** Universal time. */
export const utc: TimeZone = {
  name: 'UTC',
  utc: local => local,
  local: moment => moment,
  fixedAt: () => utc,
}

/** A zone that is always so many milliseconds ahead of UTC, whole minutes of them. */
export function fixedZone(ahead: number): TimeZone {
  if (ahead === 0) return utc
  const minutes = Math.abs(ahead) / MINUTE
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const zone: TimeZone = {
    name: `${ahead < 0 ? '-' : '+'}${digits(minutes / 60)}:${digits(minutes % 60)}`,
    utc: local => local - ahead,
    local: moment => moment + ahead,
    fixedAt: () => zone,
  }
  return zone
}

function byOffset(name: string): TimeZone | undefined {
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d{1,2})(?::?(\d\d))?$/.exec(name) ?? []
  if (sign === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined
  const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1)
  return { ...fixedZone(offset), name: `${sign}${hours.padStart(2, '0')}:${minutes}` }
}

function byPlace(name: string): TimeZone | undefined {
  const format = dateFormat(name)
  if (format === undefined) return undefined
  return {
    name,
    utc(local) {
      // No zone is further from UTC than a day, or changes twice in two.
      const before = local - offsetAt(format, local - DAY)
      const after = local - offsetAt(format, local + DAY)
      const shows = (moment: number): boolean => moment + offsetAt(format, moment) === local
      return shows(before) || !shows(after) ? before : after
    },
    local: moment => moment + offsetAt(format, moment),
    fixedAt: moment => fixedZone(offsetAt(format, moment)),
  }
}

function dateFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  // Newer versions of Node take offsets here, too, with rules of their own.
  if (!/^[a-z]/i.test(timeZone)) return undefined
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
}

/** How far clocks are ahead of UTC at a moment, in milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, moment: number): number {
  const second = Math.floor(moment / 1000) * 1000
  const parts = Object.fromEntries(
    format.formatToParts(second).map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour, minute, second: seconds } = parts
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
}
