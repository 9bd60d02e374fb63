/** How long the replies took to commands that went in one write. */
export interface TimedFlight {
  readonly commands: number
  readonly milliseconds: number
}

// Of the last flights that tell anything, and how many of them have to tell of a pause.
const flights = 5
const most = 3

/**
 * How long flights in one write last because the server pauses in them: with Nagle's algorithm (RFC
 * 896) it sends the second reply only when the first is acknowledged, some 40 ms later. 0 where most
 * of them do not, or the last one does not. `one`: milliseconds that a reply takes.
 */
export function pausedFor(one: number, together: readonly TimedFlight[]): number {
  const told = together.filter(flight => tellsOfPause(one, flight) !== undefined).slice(-flights)
  const paused = told.filter(flight => tellsOfPause(one, flight))
  if (paused.length < most || paused.at(-1) !== told.at(-1)) return 0
  return Math.min(...paused.map(({ milliseconds }) => milliseconds))
}

/**
 * Whether the server paused. Undefined where as many commands may take that long: it does work for
 * each.
 */
export function tellsOfPause(one: number, { commands, milliseconds }: TimedFlight): boolean | undefined {
  if (isClearlyLonger(milliseconds, commands * one)) return true
  return isClearlyLonger(milliseconds, 2 * one) ? undefined : false
}

/** Longer by a quarter, and by 20 ms, half of the shortest usual pause: less may be chance. */
export function isClearlyLonger(milliseconds: number, expected: number): boolean {
  return milliseconds > expected + Math.max(20, expected / 4)
}

/** How long a reply takes on average, save for the longest time: one slow moment is no rule. */
export function usual(times: readonly number[]): number {
  if (times.length === 0) return Infinity
  const sum = times.reduce((total, time) => total + time, 0)
  return times.length === 1 ? sum : (sum - Math.max(...times)) / (times.length - 1)
}
