import t from 'tap'
import { RestartTrust } from '../../lib/wire/restart-trust.js'

const minute = 60_000

t.test('a server that is not known has to show that it obeys REST', t => {
  const trust = new RestartTrust(() => false)
  t.equal(trust.state, 'untried')
  trust.prove()
  t.equal(trust.state, 'proven')
  t.end()
})

t.test('one that was measured has not, until it fails', t => {
  let now = 0
  const trust = new RestartTrust(
    () => true,
    () => now,
  )
  t.equal(trust.state, 'proven')
  trust.fail()
  t.equal(trust.state, 'failed')
  now += minute
  t.equal(trust.state, 'proven')
  t.end()
})

t.test('positions that mean nothing are never to be had', t => {
  const trust = new RestartTrust(() => true, undefined, true)
  t.equal(trust.state, 'failed')
  trust.prove()
  t.equal(trust.state, 'failed')
  t.end()
})

t.test('what has failed is tried again after a minute', t => {
  let now = 0
  const trust = new RestartTrust(
    () => false,
    () => now,
  )
  trust.prove()
  trust.fail()
  t.equal(trust.state, 'failed')
  now += minute
  t.equal(trust.state, 'untried')
  trust.fail()
  trust.prove()
  t.equal(trust.state, 'proven')
  t.end()
})
