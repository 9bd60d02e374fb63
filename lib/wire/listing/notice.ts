import type { ByteString } from '../names/names.js'

const total = /^total \d/i
// `insgesamt 120`, or the word in any other language.
const sum = /^[^\s\d:;=/+*-]{2,40} {1,3}\d{1,15}(?:[.,]\d{1,3})?[kKMGT]?$/
const ofDos = /^ {0,40}(?:Volume (?:in drive|Serial Number)|Directory of |\d[\d,.]{0,20} (?:File|Dir)\(s\))/i
const refusal =
  /permission denied|access (?:is )?denied|not authori[sz]ed|insufficient privilege|(?:cannot|can't|could not) (?:open|access|read|list)|keine berechtigung|zugriff verweigert/i

/** Whether a line is the `total 12` that `ls` prints before the entries. */
export function isTotal(line: ByteString): boolean {
  return total.test(line)
}

/**
 * Whether a line may be the total in another language. It may also be a name; entries after it
 * decide that it is the total.
 */
export function mayBeSum(line: ByteString): boolean {
  return sum.test(line)
}

/** Whether a line is what DOS and Windows write about a listing rather than an entry. */
export function isDosNotice(line: ByteString): boolean {
  return ofDos.test(line)
}

/** Whether a line that is no entry reports that something could not be listed. */
export function saysRefused(line: ByteString): boolean {
  return refusal.test(line)
}
