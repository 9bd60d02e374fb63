/** The local time of a place. */
export interface TimeZone {
  /** `UTC`, `+02:00`, or the place as it was written. */
  readonly name: string
  /**
   * The moment at which clocks there show a time: milliseconds since the epoch, of a time that is given as if it were
   * UTC. An hour that clocks show twice is the first of the two; one that they leave out counts on from before.
   */
  utc(local: number): number
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

const utc: TimeZone = { name: 'UTC', utc: local => local }

function byOffset(name: string): TimeZone | undefined {
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d{1,2})(?::?(\d\d))?$/.exec(name) ?? []
  if (sign === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined
  const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1)
  return { name: `${sign}${hours.padStart(2, '0')}:${minutes}`, utc: local => local - offset }
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
