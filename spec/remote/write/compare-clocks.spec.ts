import t from 'tap'
import { aheadOf } from '../../../lib/remote/write/compare-clocks.js'
import type { FileState } from '../../../lib/remote/write/file-state.js'

const clock = Date.parse('2026-07-05T10:00:00Z')
const HOUR = 3_600_000
const old = { size: 3, time: '20200102030405' }

t.test('how far MDTM of a file stored just now is ahead', async t => {
  const table: [before: FileState, now: FileState, ahead: number | undefined][] = [
    ['missing', { size: 3, time: '20260705100001' }, 0],
    ['missing', { size: 3, time: '20260705115950' }, 2 * HOUR],
    [old, { size: 3, time: '20260705063000' }, -3.5 * HOUR],
    // Not by quarters of an hour: a wrong clock.
    ['missing', { size: 3, time: '20260705115930' }, undefined],
    // The time may come from another upload.
    [old, old, undefined],
    ['unknown', { size: 3, time: '20260705120000' }, undefined],
    ['refused', { size: 3, time: '20260705120000' }, undefined],
    [{ size: 3 }, { size: 3, time: '20260705120000' }, undefined],
    ['missing', { size: 3 }, undefined],
    ['missing', { size: 3, time: 'today' }, undefined],
    ['missing', 'missing', undefined],
  ]
  for (const [before, now, ahead] of table)
    t.equal(aheadOf(clock, before, now), ahead, `${JSON.stringify(before)} ${JSON.stringify(now)}`)
})
