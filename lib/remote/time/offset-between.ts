const MINUTE = 60_000
const QUARTER = 15 * MINUTE
// The most distant zones are 26 hours apart.
const farthest = 26 * 60 * MINUTE

/**
 * How far the listed time is ahead, in milliseconds, as a multiple of 15 minutes. Undefined if the
 * times do not fit, for example because the file has changed in between.
 *
 * @param tolerance the allowed further difference, in milliseconds
 */
export function offsetBetween(listed: number, utc: number, tolerance = MINUTE): number | undefined {
  // Listings omit the seconds, or round them.
  const offset = Math.round((listed - utc) / QUARTER) * QUARTER
  const fits = Math.abs(listed - utc - offset) < tolerance && Math.abs(offset) <= farthest
  // Turns -0 into 0.
  return fits ? offset + 0 : undefined
}
