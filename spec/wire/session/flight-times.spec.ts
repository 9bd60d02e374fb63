import t from 'tap'
import { Ability } from '../../../lib/wire/capabilities/ability.js'
import { FlightTimes } from '../../../lib/wire/session/flight-times.js'

const minute = 60_000

/** The measured times of a server, on a clock of its own. */
function measured() {
  let time = 0
  const now = () => time
  const prompt = new Ability({ patience: 'once', now })
  const times = new FlightTimes(prompt, now)
  /** A flight in the faster form; the milliseconds to each reply if it is one write. */
  const flight = (replies: readonly number[], alone = 1): 'together' | 'one by one' => {
    const oneByOne = times.areFasterOneByOne(replies.length)
    const watch = times.watch(replies.length, oneByOne)
    const begun = time
    for (const reply of replies) {
      time = oneByOne ? time + alone : begun + reply
      watch.replied()
    }
    return oneByOne ? 'one by one' : 'together'
  }
  return { prompt, times, flight, wait: (milliseconds: number) => (time += milliseconds) }
}

// Nagle's algorithm against delayed ACK.
const paused = [1, 44, 44]
const prompt = [1, 2, 2]

await t.test('most flights take too long: commands go one by one from then on', async t => {
  const server = measured()
  t.same(
    Array.from({ length: 6 }, () => server.flight(paused)),
    ['together', 'together', 'together', 'one by one', 'one by one', 'one by one'],
  )
  t.equal(server.prompt.state, 'failed')
})

await t.test('a single command has one form', async t => {
  const server = measured()
  for (let count = 0; count < 4; count++) server.flight(paused)
  t.equal(server.times.areFasterOneByOne(1), false)
})

await t.test('commands go together if one by one takes longer than the pause', async t => {
  const server = measured()
  for (let count = 0; count < 3; count++) server.flight(paused)
  for (const [commands, faster] of [
    [2, true],
    [25, true],
    [40, false],
    [200, false],
  ] as const)
    t.equal(server.times.areFasterOneByOne(commands), faster, `${commands}`)
})

await t.test('a distant server gets them together, despite one slow moment', async t => {
  const server = measured()
  for (const replies of [[50], [50, 50, 51], [50, 250, 250], [50, 51, 51], [50], [50, 50], [50, 52, 52]])
    t.equal(server.flight(replies, 50), 'together')
  t.equal(server.prompt.state, 'proven')
})

await t.test('a server that works without a pause gets them together again', async t => {
  const server = measured()
  // The first command costs nothing, the later ones do.
  const forms = Array.from({ length: 6 }, () => server.flight([1, 40, 80], 30))
  t.same(forms, ['together', 'together', 'together', 'one by one', 'one by one', 'together'])
})

await t.test('single commands that were slow once do not prevent that forever', async t => {
  const server = measured()
  for (let count = 0; count < 3; count++) server.flight(paused)
  for (let count = 0; count < 2; count++) t.equal(server.flight(paused, 20), 'one by one')
  const forms = Array.from({ length: 8 }, () => server.flight(paused))
  t.equal(forms[0], 'together')
  t.equal(forms.at(-1), 'one by one')
})

await t.test('together is tried again after a minute, then after two', async t => {
  const server = measured()
  for (let count = 0; count < 3; count++) server.flight(paused)
  server.wait(minute - 1_000)
  t.equal(server.flight(paused), 'one by one')
  server.wait(1_000)
  t.equal(server.flight(paused), 'together')
  t.equal(server.flight(paused), 'one by one')
  server.wait(minute)
  t.equal(server.flight(paused), 'one by one')
  server.wait(minute)
  t.equal(server.flight(paused), 'together')
})

await t.test('one slow moment has no lasting effect', async t => {
  const server = measured()
  for (let count = 0; count < 3; count++) server.flight(paused)
  server.wait(minute)
  for (let count = 0; count < 5; count++) t.equal(server.flight(prompt), 'together')
  t.equal(server.prompt.state, 'proven')
  t.equal(server.flight(paused), 'together')
  t.equal(server.flight(prompt), 'together')
})
