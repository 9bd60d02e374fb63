import t from 'tap'
import { mayHold } from '../../lib/remote/may-hold.js'

for (const [title, holding, bytes, expected] of [
  ['one alone may hold half', { used: 0, held: 0 }, 50, true],
  ['and no more', { used: 0, held: 0 }, 51, false],
  ['bit by bit, too', { used: 49, held: 49 }, 1, true],
  ['and no more', { used: 50, held: 50 }, 1, false],
  ['another finds as much free as the first holds, and shares it', { used: 50, held: 0 }, 25, true],
  ['leaving as much for a third', { used: 50, held: 0 }, 26, false],
  ['the first, which holds more than its share by now, waits', { used: 75, held: 50 }, 1, false],
  ['until all have given back', { used: 40, held: 30 }, 15, true],
  ['as long as it leaves what it has', { used: 40, held: 30 }, 16, false],
  ['nothing is free', { used: 100, held: 0 }, 1, false],
  ['what has come all the same exceeds the limit', { used: 120, held: 0 }, 1, false],
] as const) {
  t.test(title, async t => {
    t.equal(mayHold({ limit: 100, ...holding }, bytes), expected)
  })
}
