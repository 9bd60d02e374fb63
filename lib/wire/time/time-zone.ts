/** Converts between UTC and the local time of a zone, both as milliseconds since the epoch. */
export interface TimeZone {
  /** `UTC`, `+02:00`, or the zone's name as it was given. */
  readonly name: string
  /**
   * The moment at which clocks in the zone show a local time, given as if it were UTC. A local time
   * that occurs twice means its first occurrence; one that is skipped counts with the offset from
   * before the change.
   */
  utc(local: number): number
  /** The local time that clocks in the zone show at a moment, as if it were UTC. */
  local(moment: number): number
  /** A zone that always has the offset of this zone at a moment. */
  fixedAt(moment: number): TimeZone
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const zones = new Map<string, TimeZone | undefined>()

/**
 * A time zone by its name: `UTC`, `GMT`, `Z`, an offset such as `+02:00`, `-0330` or `+1`, or a
 * name of the IANA database in any case. Undefined for a name that Node does not know.
 */
export function timeZone(name: string): TimeZone | undefined {
  if (!zones.has(name))
    zones.set(name, /^(?:utc|gmt|z)$/i.test(name) ? utc : (byOffset(name) ?? byPlace(name)))
  return zones.get(name)
}

/** Coordinated Universal Time. */
export const utc: TimeZone = {
  name: 'UTC',
  utc: local => local,
  local: moment => moment,
  fixedAt: () => utc,
}

/** A zone with a fixed offset: milliseconds ahead of UTC, in whole minutes. */
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
      // No zone is more than a day from UTC, or changes its offset twice within two days.
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
  // Newer versions of Node accept offsets here too, but with rules of their own.
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

/** The zone's offset from UTC at a moment, in milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, moment: number): number {
  const second = Math.floor(moment / 1000) * 1000
  const parts = Object.fromEntries(
    format.formatToParts(second).map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour, minute, second: seconds } = parts
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
}
