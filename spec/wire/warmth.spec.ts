import t from 'tap'
import { Warmth } from '../../lib/wire/warmth.js'

const minute = 60_000

/** What becomes of it: `works`, `comes about`, `fails`, or so many minutes pass. */
function warmthAfter(...events: ('works' | 'comes about' | 'fails' | number)[]) {
  let now = 1_000_000
  const warmth = new Warmth(() => now)
  for (const event of events) {
    if (event === 'works') warmth.succeed()
    else if (event === 'comes about') warmth.prove()
    else if (event === 'fails') warmth.fail()
    else now += event * minute
  }
  if (!warmth.allowed) return 'off'
  return warmth.proven ? 'proven' : 'untried'
}

/** For how many minutes it is off, behind this. */
function minutesOff(...events: Parameters<typeof warmthAfter>) {
  let minutes = 0
  while (warmthAfter(...events, minutes) === 'off') minutes += 1
  return minutes
}

await t.test('whether data connections are made ahead, and waited for', async t => {
  for (const [expected, ...events] of [
    ['untried'],
    ['proven', 'comes about'],
    ['proven', 'works'],
    ['off', 'fails'],
    ['off', 'comes about', 'fails'],
    ['untried', 'fails', 1],
    ['proven', 'fails', 1, 'comes about'],
  ] as const)
    t.equal(warmthAfter(...events), expected, events.join(', '))
})

await t.test('one failure where one has worked is an accident', async t => {
  for (const [expected, ...events] of [
    ['untried', 'works', 'fails'],
    ['proven', 'works', 'fails', 'comes about'],
    ['untried', 'works', 'fails', 'works', 'fails'],
    ['off', 'works', 'fails', 'fails'],
    ['off', 'works', 'fails', 'comes about', 'fails'],
  ] as const)
    t.equal(warmthAfter(...events), expected, events.join(', '))
})

await t.test('it is off for longer behind each failure in a row', async t => {
  const row: Parameters<typeof warmthAfter> = []
  for (const minutes of [1, 2, 4, 8, 15, 15]) {
    row.push('fails')
    t.equal(minutesOff(...row), minutes)
    row.push(minutes, 'comes about')
  }
  t.equal(minutesOff(...row, 'works', 'fails', 'fails'), 1, 'a success ends the row')
})

await t.test('what is heard while it is off changes nothing', async t => {
  t.equal(minutesOff('fails', 'fails', 'fails'), 1, 'several fail at once')
  t.equal(warmthAfter('fails', 'comes about', 'works', 1), 'untried', 'one that was made before')
})
