const MINUTE = 60_000
const QUARTER = 15 * MINUTE
// The farthest zones are 26 hours apart.
const farthest = 26 * 60 * MINUTE

/**
 * How far the listed time is ahead, in quarters of an hour; undefined when they do not fit, as when the file has been
 * changed in between. `tolerance`: milliseconds that the two may be apart besides.
 */
export function offsetBetween(listed: number, utc: number, tolerance = MINUTE): number | undefined {
  // Listings leave the seconds out, or round them.
  const offset = Math.round((listed - utc) / QUARTER) * QUARTER
  const fits = Math.abs(listed - utc - offset) < tolerance && Math.abs(offset) <= farthest
  // No -0.
  return fits ? offset + 0 : undefined
}
