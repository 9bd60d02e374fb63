import t from 'tap'
import { quirksOf, type ServerKind } from '../../../lib/wire/server/quirks.js'
import { ServerClock, type ClockOptions } from '../../../lib/wire/server/server-clock.js'
import { fixedZone, timeZone } from '../../../lib/wire/time/time-zone.js'

const clockOf = (kind: ServerKind, options: ClockOptions) => new ServerClock(options, () => quirksOf[kind])
const berlin = 'Europe/Berlin'
const summer = Date.parse('2026-07-15T12:00Z')

t.test('the options set the zones of a server', async t => {
  const now = timeZone(berlin)!.fixedAt(Date.now()).name
  const table: [ServerKind, ClockOptions, listing: string | undefined, mdtm: string][] = [
    ['unknown', {}, undefined, 'UTC'],
    ['vsftpd', {}, undefined, 'UTC'],
    ['unknown', { serverTimezone: berlin }, berlin, 'UTC'],
    ['proftpd', { serverTimezone: berlin }, berlin, 'UTC'],
    ['unknown', { mdtmOffset: berlin }, undefined, berlin],
    ['unknown', { mdtmOffset: '+02:00', serverTimezone: berlin }, berlin, '+02:00'],
    // It keeps the offset from its start.
    ['vsftpd', { serverTimezone: berlin }, now, now],
    ['vsftpd', { mdtmOffset: berlin }, now, now],
    ['vsftpd', { mdtmOffset: '-03:30' }, '-03:30', '-03:30'],
    ['vsftpd', { mdtmOffset: 'UTC', serverTimezone: '+05:45' }, '+05:45', 'UTC'],
  ]
  for (const [kind, options, listing, mdtm] of table) {
    const clock = clockOf(kind, options)
    t.equal(clock.listing?.name, listing, `${kind} ${JSON.stringify(options)}: LIST`)
    t.equal(clock.mdtm.name, mdtm, `${kind} ${JSON.stringify(options)}: MDTM`)
  }
})

t.test('whether MDTM may be in the zone of LIST', async t => {
  const table: [ServerKind, ClockOptions, unsure: boolean][] = [
    ['unknown', {}, false],
    ['unknown', { serverTimezone: berlin }, true],
    // An hour in which both zones agree.
    ['unknown', { serverTimezone: 'UTC' }, false],
    ['unknown', { serverTimezone: berlin, mdtmOffset: 'UTC' }, false],
    ['vsftpd', { serverTimezone: berlin }, false],
  ]
  for (const [kind, options, unsure] of table)
    t.equal(clockOf(kind, options).isUnsure(summer), unsure, `${kind} ${JSON.stringify(options)}`)
  t.notOk(clockOf('unknown', { serverTimezone: 'Europe/London' }).isUnsure(Date.parse('2026-01-15T12:00Z')))
})

t.test('the zone is detected once, or detection ends after three files', async t => {
  const found = clockOf('unknown', { serverTimezone: berlin })
  found.learn(fixedZone(3_600_000))
  t.equal(found.mdtm.name, '+01:00')
  t.notOk(found.isUnsure(summer))
  const vain = clockOf('unknown', { serverTimezone: berlin })
  for (let file = 1; file <= 3; file++) {
    t.ok(vain.isUnsure(summer), `file ${file}`)
    vain.learn(undefined)
  }
  t.notOk(vain.isUnsure(summer))
  t.equal(vain.mdtm.name, 'UTC')
})
