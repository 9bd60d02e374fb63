import { encodeName, isEncodable, type ByteString, type NameEncoding } from '../../wire/names/names.js'

const english = /not empty|n't empty|must be empty|ENOTEMPTY/i

// The texts of strerror(ENOTEMPTY) of glibc and of ERROR_DIR_NOT_EMPTY of Windows, in UTF-8 and in
// the code pages of Windows.
const others: readonly [encodings: readonly NameEncoding[], phrases: readonly string[]][] = [
  [
    ['utf8', 'windows-1252'],
    ['nicht leer', 'est pas vide', 'no está vací', 'non vuota', 'non è vuota', 'não vazi', 'não está vazi'],
  ],
  [
    ['utf8', 'windows-1252'],
    ['niet leeg', 'inte tom', 'ikke tom', 'ei ole tyhj'],
  ],
  [
    ['utf8', 'windows-1250'],
    ['nie jest pusty', 'není prázdn', 'nem üres'],
  ],
  [['utf8', 'windows-1254'], ['boş değil']],
  [
    ['utf8', 'windows-1251', 'cp866'],
    ['не пуст', 'не порожн'],
  ],
  [
    ['utf8', 'gbk', 'big5'],
    ['非空', '不是空的'],
  ],
  [['utf8', 'shift_jis'], ['空ではありません']],
  [
    ['utf8', 'cp949'],
    ['비어있지', '비어 있지'],
  ],
]

let encoded: ByteString[] | undefined

/**
 * Whether a reply says, in one of several languages, that the folder is not empty. `text` is the
 * reply without its paths.
 */
export function isNotEmpty(text: ByteString): boolean {
  if (english.test(text)) return true
  encoded ??= others.flatMap(([encodings, phrases]) =>
    phrases.flatMap(phrase =>
      encodings.filter(each => isEncodable(phrase, each)).map(each => encodeName(phrase, each)),
    ),
  )
  return encoded.some(phrase => text.includes(phrase))
}
