import t from 'tap'
import { risksIn, safeFolder } from '../../../lib/remote/names/names-at-risk.js'
import { encodeName } from '../../../lib/wire/names/names.js'

t.test('what of a path servers change', async t => {
  const table: [path: string, encoding: string, whats: string[]][] = [
    ['/a b/.dot/c.txt', 'utf8', []],
    ['/日本', 'utf8', ['characters beyond ASCII']],
    ['/a ', 'utf8', ['a space at the end']],
    ['/a./b', 'utf8', ['a dot at the end']],
    ['/a\t', 'utf8', ['white space at the end']],
    ['/a\\b', 'utf8', ['a backslash']],
    ['/a"b', 'utf8', ['a quotation mark']],
    ['/я', 'windows-1251', ['the byte FF']],
    ['/ÿé', 'latin1', ['the byte FF', 'characters beyond ASCII']],
    ['/ä/b /ö', 'utf8', ['characters beyond ASCII', 'a space at the end']],
  ]
  for (const [path, encoding, whats] of table) {
    t.same(
      risksIn(encodeName(path, encoding), encoding).map(({ what }) => what),
      whats,
      path,
    )
  }
  t.match(risksIn('/caf\xe9', 'utf8'), [{ what: 'bytes that are no text', sample: 'x\xe9x' }])
})

t.test('the folder in which a name can be tried has no such name in its path', async t => {
  const table: [path: string, folder: string][] = [
    ['/\xe9', '/'],
    ['/p/q/\xe9', '/p/q'],
    ['/p/\xe9/q', '/p'],
    ['/p/a /\xe9', '/p'],
    ['/p/q', '/'],
  ]
  for (const [path, folder] of table) t.equal(safeFolder(path), folder, path)
})
