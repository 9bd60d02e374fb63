import t from 'tap'
import { isNotEmpty } from '../../../lib/remote/change/not-empty.js'
import { encodeName } from '../../../lib/wire/names/names.js'

t.test('English', async t => {
  for (const text of [
    'Directory not empty',
    "The directory isn't empty.",
    'ENOTEMPTY: x',
    'It must be empty',
  ])
    t.ok(isNotEmpty(text), text)
})

t.test('other languages, in the encodings of their servers', async t => {
  for (const [text, encoding] of [
    ['Das Verzeichnis ist nicht leer', 'utf8'],
    ['Le répertoire n’est pas vide', 'windows-1252'],
    ['Каталог не пуст', 'windows-1251'],
    ['Каталог не пуст', 'cp866'],
    ['目录非空', 'gbk'],
    ['ディレクトリは空ではありません', 'shift_jis'],
    ['Dizin boş değil', 'windows-1254'],
  ] as const)
    t.ok(isNotEmpty(encodeName(text, encoding)), `${text} (${encoding})`)
})

t.test('other reasons', async t => {
  for (const text of ['Permission denied', 'Not a directory', 'Empty path', ''])
    t.notOk(isNotEmpty(text), text)
})
