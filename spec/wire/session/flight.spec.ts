import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Flight } from '../../../lib/wire/session/flight.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'
import { fakeClock } from '../fake-clock.js'

const reply = (code: number): Reply => ({ code, lines: [`${code} text`] })
const nobody = () => {
  throw new Error('called')
}
const flightOf = (verbs: string[], { second = false } = {}) =>
  new Flight(
    verbs.map(verb => command(verb)),
    second,
    nobody,
  )
const take = (flight: Flight, ...codes: number[]) => codes.map(code => flight.take(reply(code))?.verb)
const answers = (flight: Flight) => flight.answers.map(({ code }) => code)

await t.test('each command has one final reply, in order; a 1xx is not final', async t => {
  const flight = flightOf(['REST 5', 'RETR', 'SIZE'])
  t.same(take(flight, 350, 150, 110, 226), ['REST 5', undefined, undefined, 'RETR'])
  t.notOk(flight.complete)
  t.same(take(flight, 550), ['SIZE'])
  t.ok(flight.complete)
  t.same(answers(flight), [350, 226, 550])
})

await t.test('it begins with a 1xx, or ends without one', async t => {
  for (const [codes, begun] of [
    [[150], true],
    [[350, 125, 226], true],
    [[550], false],
    [[], false],
  ] as const) {
    const flight = flightOf(['RETR'])
    take(flight, ...codes)
    if (!begun) flight.end()
    t.equal(await flight.begun, begun)
  }
})

await t.test('a stopped transfer', async t => {
  const stopped = (fenced: boolean, before: number[], after: number[], second = false) => {
    const flight = flightOf(['REST 5', 'RETR'], { second })
    take(flight, ...before)
    flight.stop(fenced)
    const done = after.map(code => {
      flight.take(reply(code))
      return flight.complete
    })
    return { answers: answers(flight), done }
  }

  await t.test('ends with the next final reply', async t => {
    t.same(stopped(false, [350, 150], [426]), { answers: [350, 426], done: [true] })
    t.same(stopped(false, [350, 150], [226]), { answers: [350, 226], done: [true] })
    t.same(stopped(false, [350, 150], [150, 426]), { answers: [350, 426], done: [false, true] })
  })

  await t.test('ends with a second 150 on Pure-FTPd 1.0.50, and only there', async t => {
    t.same(stopped(false, [350, 150], [150], true), { answers: [350, 150], done: [true] })
    t.same(stopped(false, [350, 150], [226], true), { answers: [350, 226], done: [true] })
  })

  await t.test('with a NOOP after it: both replies must come, in any order', async t => {
    t.same(stopped(true, [350, 150], [426, 200]), { answers: [350, 426], done: [false, true] })
    t.same(
      stopped(true, [350, 150], [200, 426]),
      { answers: [350, 426], done: [false, true] },
      'pyftpdlib 1.5.7',
    )
  })

  await t.test('reads both of two replies to the transfer', async t => {
    t.same(stopped(true, [350, 150], [426, 226, 200]), {
      answers: [350, 426, 226],
      done: [false, false, true],
    })
  })

  await t.test('the refusal of a server without NOOP counts too', async t => {
    t.same(stopped(true, [350, 150], [426, 500]), { answers: [350, 426], done: [false, true] })
    t.same(
      stopped(true, [350, 150], [500, 200]),
      { answers: [350, 500], done: [false, true] },
      'the first is the transfer’s',
    )
  })
})

await t.test('time', async t => {
  const timed = (timeout: number) => {
    const expired: number[] = []
    const flight = new Flight([command('NOOP')], false, milliseconds => expired.push(milliseconds))
    flight.limit(timeout)
    return { flight, expired }
  }

  await t.test('0 is no limit, from the start or later', async t => {
    const clock = fakeClock(t)
    const never = timed(0)
    const lifted = timed(10)
    lifted.flight.limit(0)
    clock.advance(1_000_000)
    t.same([never.expired, lifted.expired, clock.timers], [[], [], 0])
  })

  await t.test('it restarts at each reply, and at each new limit', async t => {
    const clock = fakeClock(t)
    const { flight, expired } = timed(10)
    clock.advance(9)
    take(flight, 150)
    clock.advance(9)
    flight.limit(20)
    clock.advance(19)
    t.same(expired, [])
    clock.advance(1)
    t.same(expired, [20])
  })

  await t.test('of endless 1xx replies, only the first restarts it', async t => {
    const clock = fakeClock(t)
    const { flight, expired } = timed(10)
    for (const milliseconds of [9, 9]) {
      clock.advance(milliseconds)
      take(flight, 150)
    }
    t.same(expired, [])
    clock.advance(1)
    t.same(expired, [10])
  })

  await t.test(
    'endless replies do not restart it while the reply to the NOOP after a stop is missing',
    async t => {
      const clock = fakeClock(t)
      const { flight, expired } = timed(10)
      flight.stop(true)
      for (const code of [426, 226, 226]) {
        take(flight, code)
        clock.advance(5)
      }
      t.same(expired, [10])
    },
  )

  await t.test('a final limit', async t => {
    const final = (t: Test, timeout = 100) => {
      const clock = fakeClock(t)
      const given = timed(timeout)
      given.flight.expire(10)
      return { ...given, clock }
    }

    await t.test('is neither removed nor extended by another limit', async t => {
      for (const later of [0, 20]) {
        const { flight, expired, clock } = final(t)
        clock.advance(9)
        flight.limit(later)
        clock.advance(1)
        t.same(expired, [10], `limit(${later})`)
      }
    })

    await t.test('can be shortened, but not extended', async t => {
      const { flight, expired, clock } = final(t)
      clock.advance(4)
      flight.expire(10)
      flight.expire(30)
      flight.expire(5)
      clock.advance(5)
      t.same(expired, [5])
    })

    await t.test('restarts at each awaited reply', async t => {
      const { flight, expired, clock } = final(t)
      for (const code of [150, 226]) {
        clock.advance(9)
        take(flight, code)
      }
      t.ok(flight.complete)
      flight.end()
      clock.advance(100)
      t.same(expired, [])
    })

    await t.test('applies even if there was no limit', async t => {
      const { expired, clock } = final(t, 0)
      clock.advance(10)
      t.same(expired, [10])
    })
  })

  await t.test('a flight that has ended takes no further limit', async t => {
    const clock = fakeClock(t)
    const { flight } = timed(10)
    flight.end()
    flight.limit(10)
    flight.expire(5)
    t.equal(clock.timers, 0)
  })
})
