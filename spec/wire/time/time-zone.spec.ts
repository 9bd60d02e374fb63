import fc from 'fast-check'
import t from 'tap'
import { fixedZone, timeZone } from '../../../lib/wire/time/time-zone.js'

const utc = (zone: string, local: string): string =>
  new Date(timeZone(zone)!.utc(Date.parse(`${local}Z`))).toISOString().replace(/:00\.000Z$/, 'Z')

t.test('UTC and fixed offsets', async t => {
  for (const zone of ['UTC', 'utc', 'GMT', 'Z', '+00:00', '-0'])
    t.equal(utc(zone, '2026-01-15T12:00'), '2026-01-15T12:00Z', zone)
  t.equal(utc('+02:00', '2026-01-15T01:00'), '2026-01-14T23:00Z')
  t.equal(utc('+2', '2026-07-15T01:00'), '2026-07-14T23:00Z')
  t.equal(utc('-0330', '2026-12-31T22:00'), '2027-01-01T01:30Z')
  t.equal(utc('+14:00', '2026-01-01T00:00'), '2025-12-31T10:00Z')
})

t.test('names of zones', async t => {
  t.equal(timeZone('z')!.name, 'UTC')
  t.equal(timeZone('+0545')!.name, '+05:45')
  t.equal(timeZone('-3')!.name, '-03:00')
  t.equal(timeZone('Europe/Berlin')!.name, 'Europe/Berlin')
})

t.test('places, with summer time in either half of the year', async t => {
  t.equal(utc('Europe/Berlin', '2026-01-15T12:00'), '2026-01-15T11:00Z')
  t.equal(utc('Europe/Berlin', '2026-07-15T12:00'), '2026-07-15T10:00Z')
  t.equal(utc('europe/berlin', '2026-07-15T12:00'), '2026-07-15T10:00Z')
  t.equal(utc('America/New_York', '2026-01-15T12:00'), '2026-01-15T17:00Z')
  t.equal(utc('America/New_York', '2026-07-15T12:00'), '2026-07-15T16:00Z')
  t.equal(utc('Australia/Sydney', '2026-01-15T12:00'), '2026-01-15T01:00Z')
  t.equal(utc('Australia/Sydney', '2026-07-15T12:00'), '2026-07-15T02:00Z')
  t.equal(utc('Asia/Kathmandu', '2026-07-15T12:00'), '2026-07-15T06:15Z')
  t.equal(utc('Asia/Kathmandu', '1985-07-15T12:00'), '1985-07-15T06:30Z', 'as it was until 1986')
  t.equal(utc('Pacific/Kiritimati', '2026-07-15T12:00'), '2026-07-14T22:00Z')
})

t.test('a skipped hour counts with the offset from before the change', async t => {
  t.equal(utc('America/New_York', '2026-03-08T01:59'), '2026-03-08T06:59Z')
  t.equal(utc('America/New_York', '2026-03-08T02:30'), '2026-03-08T07:30Z')
  t.equal(utc('America/New_York', '2026-03-08T03:00'), '2026-03-08T07:00Z')
})

t.test('a repeated hour means its first occurrence', async t => {
  t.equal(utc('America/New_York', '2026-11-01T00:59'), '2026-11-01T04:59Z')
  t.equal(utc('America/New_York', '2026-11-01T01:30'), '2026-11-01T05:30Z')
  t.equal(utc('America/New_York', '2026-11-01T02:00'), '2026-11-01T07:00Z')
  t.equal(utc('Australia/Lord_Howe', '2026-04-05T01:45'), '2026-04-04T14:45Z', 'half an hour only')
})

t.test('a day that a zone skipped', async t => {
  t.equal(utc('Pacific/Apia', '2011-12-29T23:59'), '2011-12-30T09:59Z')
  t.equal(utc('Pacific/Apia', '2011-12-31T00:00'), '2011-12-30T10:00Z')
})

t.test('a local time leads back to its moment, except in repeated hours', async t => {
  const zones = ['Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'America/Sao_Paulo']
  const moments = fc.integer({ min: Date.UTC(1970, 0) / 60000, max: Date.UTC(2037, 0) / 60000 })
  for (const zone of zones) {
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    })
    const shown = (moment: number): number => Date.parse(`${clock.format(moment).replace(' ', 'T')}Z`)
    fc.assert(
      fc.property(moments, minutes => {
        const moment = timeZone(zone)!.utc(shown(minutes * 60000))
        return shown(moment) === shown(minutes * 60000) && moment <= minutes * 60000
      }),
    )
  }
  t.pass('fast-check found no counterexample')
})

t.test('names of no zone', async t => {
  for (const name of [
    '',
    ' ',
    'Europe/Atlantis',
    'local',
    '+24:00',
    '+02:60',
    '02:00',
    '+1:2',
    'UTC+2',
    '+',
    '2',
  ])
    t.equal(timeZone(name), undefined, name)
})

t.test('the local time at a moment, and the offset then', async t => {
  const table: [zone: string, moment: string, local: string, fixed: string][] = [
    ['UTC', '2026-07-15T12:00Z', '2026-07-15T12:00Z', 'UTC'],
    ['-0330', '2026-07-15T12:00Z', '2026-07-15T08:30Z', '-03:30'],
    ['Europe/Berlin', '2026-07-15T12:00Z', '2026-07-15T14:00Z', '+02:00'],
    ['Europe/Berlin', '2026-01-15T12:00Z', '2026-01-15T13:00Z', '+01:00'],
    ['Asia/Kathmandu', '2026-01-15T22:00Z', '2026-01-16T03:45Z', '+05:45'],
    ['Africa/Abidjan', '2026-01-15T22:00Z', '2026-01-15T22:00Z', 'UTC'],
  ]
  for (const [name, moment, local, fixed] of table) {
    const zone = timeZone(name)!
    const at = Date.parse(moment)
    t.equal(zone.local(at), Date.parse(local), `${name} ${moment}`)
    t.equal(zone.utc(zone.local(at)), at, `${name} ${moment}, and back`)
    t.equal(zone.fixedAt(at).name, fixed, `${name} ${moment}`)
    t.equal(zone.fixedAt(at).local(at), Date.parse(local), `${name} ${moment}, fixed`)
    t.equal(zone.fixedAt(at).fixedAt(0).name, fixed, 'for ever')
  }
  t.equal(fixedZone(26 * 3_600_000).name, '+26:00')
})
