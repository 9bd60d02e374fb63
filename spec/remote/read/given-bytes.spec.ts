import t from 'tap'
import { GivenBytes } from '../../../lib/remote/read/given-bytes.js'

const given = (max: number, ...chunks: string[]): GivenBytes => {
  const bytes = new GivenBytes(max)
  for (const chunk of chunks) bytes.add(Buffer.from(chunk))
  return bytes
}

t.test('the same bytes are equal, however they are cut', async t => {
  t.ok(given(10, 'abc', 'def').equals(given(10, 'a', 'bcdef')))
  t.ok(given(10).equals(given(10)))
})

t.test('other bytes, and fewer, are not', async t => {
  t.notOk(given(10, 'abc').equals(given(10, 'abd')))
  t.notOk(given(10, 'abc').equals(given(10, 'ab')))
})

t.test('more bytes may follow a comparison', async t => {
  const one = given(10, 'ab')
  t.ok(one.equals(given(10, 'ab')))
  one.add(Buffer.from('c'))
  t.ok(one.equals(given(10, 'abc')))
})

t.test('beyond the maximum nothing is compared', async t => {
  t.ok(given(3, 'abc').comparable)
  t.notOk(given(3, 'abcd').comparable)
  t.ok(given(3, 'abcd').equals(given(10, 'x')), 'nothing shows a difference')
})
