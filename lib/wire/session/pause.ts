/** How long the replies took to commands that went in one write. */
export interface TimedFlight {
  readonly commands: number
  readonly milliseconds: number
  /** The longest time between two replies. */
  readonly silence: number
}

// Of the last flights that tell anything, and how many of them have to tell of a pause.
const flights = 5
const most = 3

// Milliseconds of silence. Linux acknowledges after 40 ms, and no system is known that is sooner.
const shortest = 30

// So many commands have to have been alone.
const enough = 6

/**
 * How long flights in one write last because the server pauses in them: with Nagle's algorithm (RFC
 * 896) it sends the second reply only when the first is acknowledged, some 40 ms later. 0 where most
 * of them do not, or the last one does not. `one`: milliseconds that a reply takes.
 */
export function pausedFor(one: number, together: readonly TimedFlight[]): number {
  const told = together.filter(flight => tellsOfPause(one, flight) !== undefined).slice(-flights)
  const paused = alike(told.filter(flight => tellsOfPause(one, flight)))
  if (paused.length < most || paused.at(-1) !== told.at(-1)) return 0
  return Math.min(...paused.map(({ milliseconds }) => milliseconds))
}

/** Those of about the same silence: a pause is always as long, which slow moments of a machine are not. */
function alike(paused: readonly TimedFlight[]): TimedFlight[] {
  const silences = paused.map(({ silence }) => silence).sort((a, b) => a - b)
  const middle = silences[silences.length >> 1]!
  return paused.filter(({ silence }) => Math.abs(silence - middle) <= middle / 5)
}

/**
 * Whether the server paused. Undefined where as many commands may take that long: it does work for
 * each.
 */
export function tellsOfPause(
  one: number,
  { commands, milliseconds, silence }: TimedFlight,
): boolean | undefined {
  if (silence < shortest) return false
  if (isClearlyLonger(milliseconds, commands * one)) return true
  return isClearlyLonger(milliseconds, 2 * one) ? undefined : false
}

/** Longer by a quarter, and by 10 ms: less is not worth another form. */
export function isClearlyLonger(milliseconds: number, expected: number): boolean {
  return milliseconds > expected + Math.max(10, expected / 4)
}

/**
 * How long a command written alone takes. `first`: milliseconds to the first replies of writes, of
 * which the least counts until there are some of commands `alone`: a server with many to read
 * answers the first one later. It shows how far the server is, too.
 */
export function replyTime(first: readonly number[], alone: readonly number[]): number {
  const least = Math.min(...first)
  return alone.length < enough ? least : Math.max(least, usual(alone))
}

/** The average, save for the longest time: one slow moment is no rule. */
function usual(times: readonly number[]): number {
  const sum = times.reduce((total, time) => total + time, 0)
  return (sum - Math.max(...times)) / (times.length - 1)
}
