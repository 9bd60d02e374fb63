const second = 1000
const day = 86_400 * second

// `M` and `Y` are what the original takes them for: 30 and 365 days. `ms` is not in the original.
const units = new Map([
  ['ms', 1],
  ['s', second],
  ['m', 60 * second],
  ['h', 3600 * second],
  ['D', day],
  ['W', 7 * day],
  ['M', 30 * day],
  ['Y', 365 * day],
])

/**
 * The milliseconds of a time span: a plain whole number is seconds, otherwise numbers with units, such as `1h30m`.
 * Undefined for all else.
 *
 * Source: Duplicati's timespan; its units are case-sensitive: `m` is a minute, `M` a month.
 */
export function timeSpan(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * second
  if (!/^(?:\d+(?:ms|[smhDWMY]))+$/.test(text)) return undefined
  let milliseconds = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhDWMY])/g))
    milliseconds += Number(count) * units.get(unit!)!
  return milliseconds
}
