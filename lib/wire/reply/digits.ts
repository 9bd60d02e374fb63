/**
 * The whole number written in `text` from `from` up to `to`, or -1 when anything but digits stands there,
 * nothing does, or it is more than a double holds exactly.
 */
export function parseDigits(text: string, from = 0, to = text.length): number {
  if (from >= to) return -1
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1
}
