import t from 'tap'
import { GivenBytes } from '../../../lib/remote/read/given-bytes.js'
import { Rewind } from '../../../lib/remote/read/rewind.js'

const text = 'abcdefghij'

/** The new bytes of a text after a rewind to `from`, in chunks of `size` bytes. */
function taken(from: number, read: { start: number; position: number }, size: number, comes = text): string {
  const given = new GivenBytes(Infinity)
  given.add(Buffer.from(text.slice(read.start, read.position)))
  const rewind = new Rewind(from, { ...read, given })
  let rest = ''
  for (let at = from; at < comes.length; at += size) {
    rest += rewind.take(Buffer.from(comes.slice(at, at + size))).toString()
  }
  t.equal(rewind.at, comes.length)
  return rest
}

t.test('bytes that were delivered before are skipped', t => {
  for (const size of [1, 3, 4, 100]) {
    t.equal(taken(4, { start: 0, position: 4 }, size), 'efghij', 'behind REST')
    t.equal(taken(0, { start: 0, position: 4 }, size), 'efghij', 'from 0 on')
    t.equal(taken(0, { start: 3, position: 7 }, size), 'hij', 'of a range')
    t.equal(taken(0, { start: 3, position: 3 }, size), 'defghij', 'of a range that had not begun')
  }
  t.end()
})

t.test('and must be the same', t => {
  const changed = { code: 'ERR_FTP_FILE_CHANGED' }
  for (const size of [1, 3, 100]) {
    t.throws(() => taken(0, { start: 0, position: 4 }, size, 'abXdefghij'), changed)
    t.throws(() => taken(0, { start: 3, position: 7 }, size, 'abcdefXhij'), changed)
    t.equal(taken(0, { start: 3, position: 7 }, size, 'XXXdefghij'), 'hij', 'what lies before was not seen')
  }
  t.end()
})

t.test('beyond a maximum of bytes nothing is compared', t => {
  const given = new GivenBytes(5)
  const other = new GivenBytes(Infinity)
  given.add(Buffer.from('abc'))
  other.add(Buffer.from('xyz'))
  t.notOk(given.equals(other))
  t.ok(given.comparable)
  given.add(Buffer.from('def'))
  t.notOk(given.comparable)
  t.ok(given.equals(other))
  given.add(Buffer.from('g'))
  t.end()
})
