import fc from 'fast-check'
import t from 'tap'
import { isLeapYear, parseTimeVal, utcTime } from '../../../lib/wire/time/time-val.js'

await t.test('a time-val is a moment in UTC', async t => {
  const moments = {
    '20200101000000': '2020-01-01T00:00:00.000Z',
    '19650101000000': '1965-01-01T00:00:00.000Z',
    '20240229235959': '2024-02-29T23:59:59.000Z',
    '20200101000000.5': '2020-01-01T00:00:00.500Z',
    '20200101000000.123': '2020-01-01T00:00:00.123Z',
    '20200101000000.123999999': '2020-01-01T00:00:00.123Z',
    '20161231235960': '2017-01-01T00:00:00.000Z',
    '191050304050607': '2005-03-04T05:06:07.000Z',
  }
  for (const [text, moment] of Object.entries(moments)) t.equal(parseTimeVal(text), Date.parse(moment), text)
})

await t.test('an invalid time is not read as another', async t => {
  const texts = [
    '',
    '2020',
    '20200101',
    '2020010100000',
    '202001010000000',
    '20200101T000000',
    '20200101000000.',
  ]
  const moments = ['20201301000000', '20200001000000', '20200100000000', '20200431000000', '20230229000000']
  const clocks = [
    '20200101240100',
    '20200101250000',
    '20200101006000',
    '20200101000061',
    '00990101000000',
    '20200101000000.x',
  ]
  for (const text of [...texts, ...moments, ...clocks]) t.equal(parseTimeVal(text), undefined, text)
})

await t.test('every second of four-digit years is read as Date prints it', async () => {
  const dates = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(dates, date => {
      const text = date.toISOString().replace(/[-:TZ]/g, '')
      return parseTimeVal(text) === date.getTime()
    }),
  )
})

await t.test('utcTime', async t => {
  t.equal(utcTime(2020, 2, 29), Date.UTC(2020, 1, 29))
  t.equal(utcTime(2020, 1, 2, 3, 4, 5, 6), Date.UTC(2020, 0, 2, 3, 4, 5, 6))
  for (const [year, month, day] of [
    [2023, 2, 29],
    [2020, 2, 30],
    [2020, 0, 1],
    [2020, 13, 1],
    [2020, 1, 0],
    [2020, 1, NaN],
    [99, 1, 1],
    [-1, 1, 1],
  ] as const)
    t.equal(utcTime(year, month, day), undefined, [year, month, day].join('-'))
})

await t.test('leap years', async t => {
  t.same([1900, 2000, 2023, 2024, 2100].filter(isLeapYear), [2000, 2024])
})
