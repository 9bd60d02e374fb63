import type { ByteString } from '../names/names.js'

const total = /^total \d/i
// `insgesamt 120`, and the word of any other language.
const sum = /^[^\s\d:;=/+*-]{2,40} {1,3}\d{1,15}(?:[.,]\d{1,3})?[kKMGT]?$/
const ofDos = /^ {0,40}(?:Volume (?:in drive|Serial Number)|Directory of |\d[\d,.]{0,20} (?:File|Dir)\(s\))/i
const refusal =
  /permission denied|access (?:is )?denied|not authori[sz]ed|insufficient privilege|(?:cannot|can't|could not) (?:open|access|read|list)|keine berechtigung|zugriff verweigert/i

/** `total 12`, which stands before the entries of `ls`. */
export function isTotal(line: ByteString): boolean {
  return total.test(line)
}

/** What may be such a line in another language, or a name: it is none where entries follow. */
export function mayBeSum(line: ByteString): boolean {
  return sum.test(line)
}

/** What DOS and Windows write about a listing, and none of its entries. */
export function isDosNotice(line: ByteString): boolean {
  return ofDos.test(line)
}

/** Whether a line that is no entry says that something could not be listed. */
export function saysRefused(line: ByteString): boolean {
  return refusal.test(line)
}
