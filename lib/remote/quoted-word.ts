import type { ByteString } from '../wire/names/names.js'

/** A word as ProFTPD 1.3.8 takes it in the arguments of SITE (`quirks.quotesWords`), with whatever is in it. */
export const quotedWord = (word: ByteString): string => `"${word.replace(/["\\]/g, '\\$&')}"`
