import t from 'tap'
import { Ability, type AbilityOptions } from '../../../lib/wire/capabilities/ability.js'

const minute = 60_000

type Event = 'works' | 'begins' | 'fails' | number

/** An event: it works, begins well, fails, or a number of minutes pass. */
function abilityAfter(options: AbilityOptions, ...events: Event[]): Ability {
  let now = 1_000_000
  const ability = new Ability({ ...options, now: () => now })
  for (const event of events) {
    if (event === 'works') ability.succeed()
    else if (event === 'begins') ability.show()
    else if (event === 'fails') ability.fail()
    else now += event * minute
  }
  return ability
}

/** The minutes for which it is off after these events. */
function minutesOff(options: AbilityOptions, ...events: Event[]): number {
  let minutes = 0
  while (abilityAfter(options, ...events, minutes).failed) minutes += 1
  return minutes
}

await t.test('the evidence counts until it is tried', async t => {
  for (const [basis, usable, certain] of [
    ['absent', false, false],
    ['untried', true, false],
    ['said', true, false],
    ['measured', true, true],
  ] as const)
    t.match(abilityAfter({ basis: () => basis }), { state: basis, usable, certain, failed: false })
  t.match(abilityAfter({}), { state: 'untried' })
  t.match(abilityAfter({}, 'works'), { state: 'proven', usable: true, certain: true })
})

await t.test('consecutive failures turn it off, as many as its patience says', async t => {
  for (const [state, patience, ...events] of [
    ['untried', 'twice', 'fails'],
    ['failed', 'twice', 'fails', 'fails'],
    ['untried', 'twice', 'fails', 'works', 'fails'],
    ['failed', 'once', 'fails'],
    ['failed', 'once', 'works', 'fails'],
    ['failed', 'forgiving', 'fails'],
    ['failed', 'forgiving', 'begins', 'fails'],
    ['untried', 'forgiving', 'works', 'fails'],
    ['proven', 'forgiving', 'works', 'fails', 'begins'],
    ['failed', 'forgiving', 'works', 'fails', 'begins', 'fails'],
    ['untried', 'forgiving', 'works', 'fails', 'works', 'fails'],
  ] as const)
    t.equal(abilityAfter({ patience }, ...events).state, state, `${patience}: ${events.join(', ')}`)
})

await t.test(
  'it is tried again after a minute, then after twice as long each time, up to an hour',
  async t => {
    const row: Event[] = ['fails']
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      row.push('fails')
      t.equal(minutesOff({}, ...row), minutes)
      row.push(minutes, 'begins')
    }
    t.equal(minutesOff({}, ...row, 'works', 'fails', 'fails'), 1, 'a success resets the count')
  },
)

await t.test('after the pause, the kind or the features of the server are its evidence again', async t => {
  const options: AbilityOptions = { basis: () => 'measured', patience: 'once' }
  t.equal(abilityAfter(options, 'works', 'fails', 1).state, 'measured')
})

await t.test('failures and starts while it is off change nothing; a success turns it on', async t => {
  t.equal(minutesOff({ patience: 'once' }, 'fails', 'fails', 'fails'), 1, 'several failures at once')
  t.equal(abilityAfter({ patience: 'once' }, 'fails', 'begins', 1).state, 'untried')
  t.equal(abilityAfter({ patience: 'once' }, 'fails', 'works').state, 'proven')
})
