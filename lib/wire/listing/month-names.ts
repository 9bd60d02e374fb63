import iconv from 'iconv-lite'
import type { ByteString } from '../names/names.js'

// The encodings of month names on servers, the likeliest first.
const encodings = [
  'utf8',
  'windows-1252',
  'windows-1251',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gbk',
  'big5',
  'euc-kr',
  'windows-1250',
  'iso-8859-2',
  'iso-8859-5',
  'iso-8859-7',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'cp850',
  'cp852',
  'cp866',
  'cp437',
]

const longest = 48
const maxKept = 1000

/** Month names in every language of Node's Intl; 0 if a name means several months. */
const months = new Map<string, number>()
const kept = new Map<ByteString, number>()

/**
 * The number of a month by its full or short name, in any language that Node's Intl knows and any
 * encoding that servers use. Undefined for any other word, and for a name that means different
 * months in different languages (`lip` is June in Croatian and July in Polish).
 */
export function monthByName(word: ByteString): number | undefined {
  if (word.length > longest) return undefined
  let month = kept.get(word)
  if (month === undefined) {
    month = find(word)
    if (kept.size >= maxKept) kept.clear()
    kept.set(word, month)
  }
  return month || undefined
}

function find(word: ByteString): number {
  if (months.size === 0) collect()
  if (!/[^\0-\x7f]/.test(word)) return months.get(key(word)) ?? 0
  const bytes = Buffer.from(word, 'latin1')
  for (const encoding of encodings) {
    const month = months.get(key(iconv.decode(bytes, encoding)))
    if (month !== undefined) return month
  }
  return 0
}

function collect(): void {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
  const codes = letters.flatMap(first => letters.map(second => first + second))
  for (const language of Intl.DateTimeFormat.supportedLocalesOf(codes)) {
    for (const month of ['short', 'long'] as const)
      for (const day of [undefined, 'numeric'] as const) {
        const format = new Intl.DateTimeFormat(`${language}-u-ca-gregory-nu-latn`, {
          month,
          day,
          timeZone: 'UTC',
        })
        for (let number = 1; number <= 12; number++) {
          const parts = format.formatToParts(Date.UTC(2001, number - 1, 5))
          const name = key(parts.find(({ type }) => type === 'month')?.value ?? '')
          // In Chinese and Japanese, some versions of ICU separate the number from its sign.
          if (/^\d*$/.test(name)) continue
          months.set(name, (months.get(name) ?? number) === number ? number : 0)
        }
      }
  }
  for (let number = 1; number <= 12; number++)
    for (const sign of ['\u6708', '\uc6d4']) months.set(`${number}${sign}`, number)
}

function key(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[.,]+$/, '')
}
