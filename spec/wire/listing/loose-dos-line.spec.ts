import t from 'tap'
import { parseLooseDosLine } from '../../../lib/wire/listing/loose-dos-line.js'

const moment = (mtime: number | undefined) =>
  mtime === undefined ? undefined : new Date(mtime).toISOString().slice(0, 16)

await t.test('dates of other countries; an invalid date gives no time', async t => {
  const dates: Record<string, string | undefined> = {
    '23-01-24  05:30PM': '2024-01-23T17:30',
    '23.01.2024  17:30': '2024-01-23T17:30',
    '05.03.2024  17.30': '2024-03-05T17:30',
    '23/01/2024  05:30 p.m.': '2024-01-23T17:30',
    '2024-01-23  17:30:12': '2024-01-23T17:30',
    '01-23-124  05:30PM': '2024-01-23T17:30',
    '2024/01/23  \xcf\xc2\xce\xe7 05:30': undefined,
    '02-30-24  05:30PM': undefined,
    '01-23-24  13:30PM': undefined,
    '01-23-24  05:60PM': undefined,
    '101-23-24  05:30PM': undefined,
  }
  for (const [date, iso] of Object.entries(dates)) {
    for (const kind of ['      <DIR>         ', '9276'.padStart(20)]) {
      const entry = parseLooseDosLine(`${date} ${kind} a b`)
      t.equal(entry?.name, 'a b', date)
      t.equal(moment(entry?.mtime), iso, date)
    }
  }
})

await t.test('sizes', async t => {
  const sizes = {
    '-1': undefined,
    '9,27': undefined,
    '1,234.567': undefined,
    '1\xa0234': 1234,
    '1\xc2\xa0234': 1234,
  }
  for (const [text, size] of Object.entries(sizes)) {
    const entry = parseLooseDosLine(`01-23-24  05:30PM ${text.padStart(20)} x`)
    t.equal(entry?.name, 'x', text)
    t.equal(entry?.size, size, text)
  }
})

await t.test('an unknown tag gives no type', async t => {
  const untold = { name: 'a b', type: 'other', typeUnknown: true } as const
  for (const tag of ['<REP>', '<MOUNT>', '<R\xc9P>'])
    t.match(parseLooseDosLine(`23.01.2024  17:30    ${tag.padEnd(15)}a b`), untold, tag)
  t.match(parseLooseDosLine('23.01.2024  17:30    <SYMLINKD>     a [..\\b]'), {
    name: 'a',
    type: 'link',
    target: '..\\b',
  })
})

await t.test('lines in other formats', async t => {
  const lines = [
    '',
    'here',
    '01-23-24  05:30PM',
    '01-23-24  05:30PM       <DIR>',
    '01-23-24  05:30PM       <DIR>name',
    '01-23-24  05:30PM       DIR            name',
    '01-23-24  05:30PM                 9276 ',
    '01-23/24  05:30PM       <DIR>          x',
  ]
  for (const line of lines) t.equal(parseLooseDosLine(line), undefined, JSON.stringify(line))
})
