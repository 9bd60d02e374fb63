import type { ByteString } from '../wire/names/names.js'

/**
 * A word, of any characters, in the form that ProFTPD 1.3.8 accepts in the arguments of SITE
 * (`quirks.quotesWords`).
 */
export const quotedWord = (word: ByteString): string => `"${word.replace(/["\\]/g, '\\$&')}"`
