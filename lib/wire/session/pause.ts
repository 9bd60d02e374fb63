/** The time of the replies to commands in one write. */
export interface TimedFlight {
  readonly commands: number
  readonly milliseconds: number
  /** The longest time between two replies. */
  readonly silence: number
}

// The number of latest conclusive flights that count, and how many of them must show a pause.
const maxFlights = 5
const minPaused = 3

// Milliseconds of silence. Linux delays an acknowledgement by 40 ms; no known system by less.
const minSilence = 30

// The number of single commands that must have been measured.
const minAlone = 6

/**
 * Milliseconds that a flight in one write takes because the server pauses: with Nagle's algorithm
 * (RFC 896), it sends the second reply only after the acknowledgement of the first, about 40 ms
 * later. 0 unless most flights show a pause, and the last one does.
 *
 * @param one milliseconds that a single reply takes
 */
export function pausedFor(one: number, together: readonly TimedFlight[]): number {
  const conclusive = together.filter(flight => showsPause(one, flight) !== undefined).slice(-maxFlights)
  const paused = alike(conclusive.filter(flight => showsPause(one, flight)))
  if (paused.length < minPaused || paused.at(-1) !== conclusive.at(-1)) return 0
  return Math.min(...paused.map(({ milliseconds }) => milliseconds))
}

/** The flights of similar silence: pauses have a constant length, slow moments do not. */
function alike(paused: readonly TimedFlight[]): TimedFlight[] {
  const silences = paused.map(({ silence }) => silence).sort((a, b) => a - b)
  const middle = silences[silences.length >> 1]!
  return paused.filter(({ silence }) => Math.abs(silence - middle) <= middle / 5)
}

/**
 * Whether the server paused. Undefined if the work for this number of commands may take as long
 * without a pause.
 */
export function showsPause(
  one: number,
  { commands, milliseconds, silence }: TimedFlight,
): boolean | undefined {
  if (silence < minSilence) return false
  if (isClearlyLonger(milliseconds, commands * one)) return true
  return isClearlyLonger(milliseconds, 2 * one) ? undefined : false
}

/** Whether a time is longer by a quarter and by 10 ms: less is not worth the change. */
export function isClearlyLonger(milliseconds: number, expected: number): boolean {
  return milliseconds > expected + Math.max(10, expected / 4)
}

/**
 * Milliseconds that a single command takes. The minimum of `first`, the times to the first reply of
 * a write, counts until enough commands were measured `alone`: a server that reads many commands
 * sends the first reply later. That minimum also covers the distance to the server.
 */
export function replyTime(first: readonly number[], alone: readonly number[]): number {
  const fastest = Math.min(...first)
  return alone.length < minAlone ? fastest : Math.max(fastest, averageOf(alone))
}

/** The average without the longest time, which may come from one slow moment. */
function averageOf(times: readonly number[]): number {
  const sum = times.reduce((total, time) => total + time, 0)
  return (sum - Math.max(...times)) / (times.length - 1)
}
