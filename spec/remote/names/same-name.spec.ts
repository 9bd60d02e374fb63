import t from 'tap'
import { isSame } from '../../../lib/remote/names/same-name.js'
import { encodeName } from '../../../lib/wire/names/names.js'

const bytes = (text: string): string => encodeName(text, 'utf8')

for (const [title, name, wanted, expected] of [
  ['equal bytes', bytes('ä'), bytes('ä'), true],
  ['the decomposed form of a letter, as macOS stores it', bytes('a\u0308'), bytes('ä'), true],
  ['the composed form of it', bytes('ä'), bytes('a\u0308'), true],
  ['another letter', bytes('a'), bytes('ä'), false],
  ['another case', bytes('A'), bytes('a'), false],
  ['equal bytes that are no UTF-8', '\xff', '\xff', true],
  ['other bytes that are no UTF-8', '\xff', '\xfe', false],
  ['bytes that are no UTF-8, and their replacement', '\xff', bytes('\ufffd'), false],
] as const) {
  t.test(title, async t => t.equal(isSame(name, wanted, 'utf8'), expected))
}
