import t from 'tap'
import { parseDigits } from '../../../lib/wire/reply/digits.js'

await t.test('parses a whole number in a part of a text', async t => {
  t.equal(parseDigits('0'), 0)
  t.equal(parseDigits('0042'), 42)
  t.equal(parseDigits('size=123;', 5, 8), 123)
  t.equal(parseDigits('9007199254740991'), Number.MAX_SAFE_INTEGER)
})

await t.test('anything else is -1', async t => {
  for (const text of [
    '',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '1.5',
    '1e3',
    '0x10',
    '\xb2',
    '9007199254740992',
    '9'.repeat(400),
  ])
    t.equal(parseDigits(text), -1, JSON.stringify(text))
  t.equal(parseDigits('123', 2, 2), -1, 'an empty part')
  t.equal(parseDigits('123', 2, 5), -1, 'a part that reaches beyond the text')
})
