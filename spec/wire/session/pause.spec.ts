import t from 'tap'
import {
  isClearlyLonger,
  pausedFor,
  replyTime,
  showsPause,
  type TimedFlight,
} from '../../../lib/wire/session/pause.js'

/** The other replies come together, some time after the first. */
const flights = (...times: [commands: number, milliseconds: number, silence?: number][]): TimedFlight[] =>
  times.map(([commands, milliseconds, silence = milliseconds - 1]) => ({ commands, milliseconds, silence }))

await t.test('the time of a flight with a pause', async t => {
  for (const [title, one, together, pause] of [
    ['nothing was measured', Infinity, [], 0],
    ['ftp-srv 4.6.3 with Nagle’s algorithm', 1, flights([4, 45], [4, 44], [3, 44]), 44],
    ['two flights are too few', 1, flights([4, 45], [4, 44]), 0],
    ['a near server', 1, flights([4, 2], [4, 2], [3, 2]), 0],
    ['a far server answers all at once', 50, flights([4, 51], [4, 52], [3, 50], [2, 50], [8, 55]), 0],
    ['a far server with a slow moment', 50, flights([4, 400], [4, 52], [3, 50], [2, 50]), 0],
    ['a far server that pauses', 50, flights([2, 160], [2, 165], [2, 161]), 160],
    ['one that works on each command', 30, flights([4, 120, 31], [4, 121, 31], [4, 119, 31]), 0],
    ['many replies one after another', 0.5, flights([46, 60, 9], [46, 55, 8], [46, 70, 12]), 0],
    ['slow moments shorter than any pause', 1, flights([4, 28], [4, 20], [4, 29]), 0],
    ['one slow moment', 1, flights([3, 2], [3, 2], [3, 90], [3, 2], [3, 80]), 0],
    ['slow in most of the last flights', 1, flights([3, 2], [3, 2], [3, 44], [3, 45], [3, 44]), 44],
    ['slow once, long ago', 1, flights([3, 44], [3, 44], [3, 44], [3, 44], [3, 2]), 0],
    ['slow again after one that was not', 1, flights([3, 44], [3, 44], [3, 2], [3, 46]), 44],
    ['a long flight that tells nothing is left out', 2, flights([3, 44], [3, 45], [30, 60], [3, 44]), 44],
    ['also as the last one', 2, flights([3, 44], [3, 45], [3, 44], [30, 60]), 44],
    ['the shortest time counts', 1, flights([3, 52], [3, 45], [3, 48]), 45],
    ['slow moments of a machine, none like the other', 1, flights([3, 90], [3, 45], [3, 65], [3, 160]), 0],
    ['and a pause among them', 1, flights([3, 160], [3, 45], [3, 44], [3, 90], [3, 44]), 44],
  ] as const)
    t.equal(pausedFor(one, together), pause, title)
})

await t.test('whether a flight shows a pause', async t => {
  for (const [one, commands, milliseconds, silence, told] of [
    [1, 3, 44, 43, true],
    [1, 3, 44, 29, false],
    [1, 2, 25, 24, false],
    [0.5, 43, 43, 40, true],
    [0.8, 43, 43, 40, undefined],
    [10, 3, 59, 40, true],
    [10, 3, 35, 30, undefined],
    [10, 3, 30, 30, false],
    [50, 2, 120, 40, false],
    [50, 2, 126, 76, true],
    [2, 30, 60, 40, undefined],
  ] as const)
    t.equal(
      showsPause(one, { commands, milliseconds, silence }),
      told,
      `${commands} in ${milliseconds} ms of ${one} each, ${silence} in silence`,
    )
})

await t.test('clearly longer: by 10 ms, and by a quarter', async t => {
  for (const [milliseconds, expected, longer] of [
    [13, 3, false],
    [14, 3, true],
    [100, 80, false],
    [240, 200, false],
    [251, 200, true],
    [0, 0, false],
  ] as const)
    t.equal(isClearlyLonger(milliseconds, expected), longer, `${milliseconds} for ${expected}`)
})

await t.test('the time of a single command', async t => {
  for (const [title, first, alone, time] of [
    ['nothing was measured', [], [], Infinity],
    ['the least first reply to a write, of those that were measured', [3, 0.5, 2], [], 0.5],
    ['few commands alone tell nothing', [3, 0.5, 2], [9, 9, 9, 9, 9], 0.5],
    ['several do, on average', [0.5], [1, 40, 1, 1, 40, 1, 40, 1], 85 / 7],
    ['save for the longest', [0.5], [2, 2, 2, 500, 2, 2], 2],
    ['a server that is far now', [50, 51], [1, 1, 1, 1, 1, 1], 50],
  ] as const)
    t.equal(replyTime(first, alone), time, title)
})
