import t from 'tap'
import { isClearlyLonger, pausedFor, tellsOfPause, usual, type TimedFlight } from '../../lib/wire/pause.js'

const flights = (...times: [commands: number, milliseconds: number][]): TimedFlight[] =>
  times.map(([commands, milliseconds]) => ({ commands, milliseconds }))

await t.test('how long the server pauses in a write', async t => {
  for (const [title, one, together, pause] of [
    ['nothing was measured', Infinity, [], 0],
    ['ftp-srv 4.6.3 with Nagle’s algorithm', 1, flights([4, 45], [4, 44], [3, 44]), 44],
    ['two flights are too few', 1, flights([4, 45], [4, 44]), 0],
    ['a near server', 1, flights([4, 2], [4, 2], [3, 2]), 0],
    ['a far server answers all at once', 50, flights([4, 51], [4, 52], [3, 50], [2, 50], [8, 55]), 0],
    ['a far server with a slow moment', 50, flights([4, 400], [4, 52], [3, 50], [2, 50]), 0],
    ['a far server that pauses', 50, flights([2, 160], [2, 165], [2, 161]), 160],
    ['one that works on each command', 30, flights([4, 120], [4, 121], [4, 119]), 0],
    ['one slow moment', 1, flights([3, 2], [3, 2], [3, 90], [3, 2], [3, 80]), 0],
    ['slow in most of the last flights', 1, flights([3, 2], [3, 2], [3, 44], [3, 45], [3, 44]), 44],
    ['slow once, long ago', 1, flights([3, 44], [3, 44], [3, 44], [3, 44], [3, 2]), 0],
    ['slow again after one that was not', 1, flights([3, 44], [3, 44], [3, 2], [3, 46]), 44],
    ['a long flight that tells nothing is left out', 2, flights([3, 44], [3, 45], [30, 60], [3, 44]), 44],
    ['also as the last one', 2, flights([3, 44], [3, 45], [3, 44], [30, 60]), 44],
    ['the shortest pause counts', 1, flights([3, 90], [3, 45], [3, 70]), 45],
  ] as const)
    t.equal(pausedFor(one, together), pause, title)
})

await t.test('what a flight tells', async t => {
  for (const [one, commands, milliseconds, told] of [
    [1, 3, 44, true],
    [1, 2, 25, true],
    [1, 3, 20, false],
    [10, 3, 59, true],
    [10, 3, 45, undefined],
    [10, 3, 40, false],
    [50, 2, 120, false],
    [2, 30, 60, undefined],
  ] as const)
    t.equal(tellsOfPause(one, { commands, milliseconds }), told, `${commands} in ${milliseconds} ms`)
})

await t.test('clearly longer: by 20 ms, and by a quarter', async t => {
  for (const [milliseconds, expected, longer] of [
    [23, 3, false],
    [24, 3, true],
    [100, 80, false],
    [240, 200, false],
    [251, 200, true],
    [40, Infinity, false],
    [0, 0, false],
  ] as const)
    t.equal(isClearlyLonger(milliseconds, expected), longer, `${milliseconds} for ${expected}`)
})

await t.test('the usual time leaves out the longest', async t => {
  for (const [times, time] of [
    [[], Infinity],
    [[3], 3],
    [[1, 500], 1],
    [[1, 2, 3, 500], 2],
    [[1, 40, 40, 1], 14],
  ] as const)
    t.equal(usual(times), time)
})
