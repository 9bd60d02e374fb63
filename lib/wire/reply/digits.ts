/**
 * Parses the decimal digits of `text` from `from` to `to`; -1 if that range is empty or holds
 * anything but digits, or if the number is too large for a double to be exact.
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
