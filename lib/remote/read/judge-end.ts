/** The end of a transfer that ended well: with a 2yz reply, and in order. */
export interface TransferEnd {
  /** The position in the file at which the transfer began: 0 without REST. */
  readonly from: number
  /** The position in the file at which it ended. */
  readonly came: number
  /** The size reported at its beginning; undefined if the server reports none. */
  readonly size: number | undefined
  /** The sizes reported after it, by SIZE and MLST; undefined if the server was not asked. */
  readonly again?: readonly number[] | undefined
  /** The end of an earlier good transfer that began at 0 and brought the same bytes. */
  readonly before?: number | undefined
}

/**
 * `whole`: the transfer ended at the end of the file. `ask`: the size must be asked for again.
 * `repeat`: the file must be read again from 0. `short`: bytes are missing. `long`: more bytes came
 * than the file has.
 */
export type EndVerdict = 'whole' | 'ask' | 'repeat' | 'short' | 'long'

// Bytes. Up to this size, a file that is shorter than its reported size is read twice.
const maxRepeated = 2 ** 20

/**
 * Decides whether a transfer that ended well has brought the whole file.
 *
 * SIZE is a hint: it is 0 for a file of /proc, 4096 for one of /sys, and some servers count a line
 * end as two bytes. So a file read from 0 on may exceed it. After REST it may not: the server may
 * have begun elsewhere.
 */
export function judgeEnd({ from, came, size, again, before }: TransferEnd): EndVerdict {
  if (size === undefined || came === size || (from === 0 && came > size)) return 'whole'
  if (from === 0 && came === before && came <= maxRepeated) return 'whole'
  if (!again) return 'ask'
  if (again.includes(came)) return 'whole'
  if (came > size) return 'long'
  return came <= maxRepeated && before === undefined ? 'repeat' : 'short'
}

const minMargin = 2 ** 20

// The size 0 of a file of /proc says nothing: kallsyms has some 15 MB.
const marginOfNothing = 16 * 2 ** 20

/** The position up to which a file of this size is read, before the size is asked for again. */
export function maxExpected(size: number): number {
  return size === 0 ? marginOfNothing : size + Math.max(minMargin, Math.floor(size / 16))
}
