import t from 'tap'
import { formatTimeVal, mdtmTime } from '../../../lib/remote/time/mdtm.js'
import { mdtmZone } from '../../../lib/remote/time/mdtm-zone.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import { timeZone } from '../../../lib/wire/time/time-zone.js'

const reply = (code: number, text: string) => ({ code, lines: [`${code} ${text}`] })
const iso = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString()

t.test('what a reply to MDTM tells, and what sets the same time', async t => {
  const table: [offset: string | undefined, told: string, utc: string][] = [
    [undefined, '20240705120000', '2024-07-05T12:00:00.000Z'],
    ['+02:00', '20240705120000', '2024-07-05T10:00:00.000Z'],
    ['-03:30', '20240705230000', '2024-07-06T02:30:00.000Z'],
    ['Europe/Berlin', '20240705120000', '2024-07-05T10:00:00.000Z'],
    ['Europe/Berlin', '20240105120000', '2024-01-05T11:00:00.000Z'],
  ]
  for (const [mdtmOffset, told, utc] of table) {
    const server = new ServerProfile({ mdtmOffset })
    t.equal(iso(mdtmTime(reply(213, told), server)), utc, `${mdtmOffset} ${told}`)
    t.equal(formatTimeVal(Date.parse(utc), server), told, `${mdtmOffset} ${utc}`)
  }
  const server = new ServerProfile({ mdtmOffset: '+02:00' })
  t.equal(iso(mdtmTime(reply(213, '20240705120000.250'), server)), '2024-07-05T10:00:00.250Z')
  t.equal(formatTimeVal(Date.parse('2024-07-05T10:00:00.999Z'), server), '20240705120000')
  t.equal(formatTimeVal(-1, new ServerProfile()), '19691231235959')
})

t.test('what tells no time', async t => {
  const server = new ServerProfile({ mdtmOffset: '+02:00' })
  for (const [code, text] of [
    [550, '20240705120000'],
    [213, 'yesterday'],
    [213, ''],
  ] as const)
    t.equal(mdtmTime(reply(code, text), server), undefined, `${code} ${text}`)
})

t.test('the zone of MDTM, by a file that LIST shows in another one or the same', async t => {
  const table: [listing: string, told: string, listed: string, zone: string | undefined][] = [
    ['Europe/Berlin', '2026-07-05T12:00:42Z', '2026-07-05T12:00Z', 'Europe/Berlin'],
    ['Europe/Berlin', '2026-07-05T10:00:42Z', '2026-07-05T12:00Z', 'UTC'],
    ['Europe/Berlin', '2026-07-05T11:00:42Z', '2026-07-05T12:00Z', '+01:00'],
    ['UTC', '2026-07-05T06:30:00Z', '2026-07-05T12:00Z', '-05:30'],
    ['Europe/Berlin', '2026-07-05T10:05:00Z', '2026-07-05T12:00Z', undefined],
  ]
  for (const [listing, told, listed, zone] of table)
    t.equal(
      mdtmZone(Date.parse(told), Date.parse(listed), timeZone(listing)!)?.name,
      zone,
      `${told} ${listed}`,
    )
})
