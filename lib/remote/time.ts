/** A time value of whole seconds in UTC, `YYYYMMDDHHMMSS` (RFC 3659, section 2.3), as MFMT takes it. */
export function timeValue(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, '')
}
