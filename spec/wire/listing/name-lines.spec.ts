import t from 'tap'
import { ListingParser, type ListingParserOptions } from '../../../lib/wire/listing/listing.js'

function names(text: string, options?: ListingParserOptions): string[] {
  const parser = new ListingParser('names', options)
  const entries = [...parser.push(Buffer.from(text, 'latin1')), ...parser.end()]
  t.ok(entries.every(({ type, typeUnknown }) => type === 'other' && typeUnknown))
  return entries.map(({ name }) => name)
}

t.test('every line is a name', async t => {
  t.same(names('total 0\r\n-rw-r--r-- 1 0 0 1 Jan 01 2020 a\r\n b \r\n'), [
    'total 0',
    '-rw-r--r-- 1 0 0 1 Jan 01 2020 a',
    ' b ',
  ])
  t.same(names('.\r\n..\r\n\r\na\nb', { exact: false }), ['a', 'b'])
})

t.test('the path of the folder may precede a name, another path may not', async t => {
  t.same(names('/d/a\r\n./b\r\nd/c\r\n', { folders: ['/d', 'd'] }), ['a', 'b', 'c'])
  for (const line of ['/e/a\r\n', '/d/sub/a\r\n', 'sub/\r\n', '/d\r\n'])
    t.throws(() => names(line, { folders: ['/d', 'd'] }), { code: 'ERR_FTP_LISTING' }, line)
})

t.test('the path itself may be that of a file, with mayBeFile', async t => {
  t.same(names('/d/f\r\n', { folders: ['/d/f', 'd/f'], mayBeFile: true }), ['f'])
  t.throws(() => names('/e/f\r\n', { folders: ['/d/f'], mayBeFile: true }), { code: 'ERR_FTP_LISTING' })
})
