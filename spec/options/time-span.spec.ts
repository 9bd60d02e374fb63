import t from 'tap'
import { timeSpan } from '../../lib/options/time-span.js'

for (const [text, expected] of [
  ['0', 0],
  ['90', 90_000],
  ['500ms', 500],
  ['2s', 2_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1D', 86_400_000],
  ['1W', 604_800_000],
  ['1M', 30 * 86_400_000],
  ['1Y', 365 * 86_400_000],
  ['1s1s', 2_000],
  ['', undefined],
  ['1.5s', undefined],
  ['-1s', undefined],
  ['1d', undefined],
  ['s', undefined],
  ['1h 30m', undefined],
  ['1h30', undefined],
] as const) {
  t.test(`'${text}'`, async t => t.equal(timeSpan(text), expected))
}
