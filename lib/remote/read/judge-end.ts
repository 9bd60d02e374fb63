/** The end of a transfer that ended well: with a 2yz reply, and in order. */
export interface TransferEnd {
  /** Where in the file the transfer began: 0 without REST. */
  readonly from: number
  /** Where in the file it ended. */
  readonly came: number
  /** The size that was told at its beginning; undefined where it is not told. */
  readonly size: number | undefined
  /** The sizes that were told behind it, by SIZE and MLST; undefined where they were not asked. */
  readonly again?: readonly number[] | undefined
  /** Where an earlier one ended well, which began at 0 and brought the same bytes. */
  readonly before?: number | undefined
}

/**
 * `whole`: it ended where the file does. `ask`: the size has to be asked again. `repeat`: it has to
 * be read again from 0. `short`: bytes are missing. `long`: they are more than the file has.
 */
export type EndVerdict = 'whole' | 'ask' | 'repeat' | 'short' | 'long'

// A file that is said to be longer, and is not, is read twice up to this size.
const maxRepeated = 2 ** 20

/**
 * Whether a transfer that ended well has brought all of the file.
 *
 * SIZE is a hint: for a file of /proc it is 0, for one of /sys 4096, and some servers count a line
 * end as two bytes. So more than that is the file where it was read from 0 on. Behind REST it is
 * not: the server may have begun elsewhere.
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

// Of a file of /proc nothing is known: kallsyms has some 15 MB.
const marginOfNothing = 16 * 2 ** 20

/** Up to where bytes are taken for those of a file of this size, before that is asked again. */
export function maxExpected(size: number): number {
  return size === 0 ? marginOfNothing : size + Math.max(minMargin, Math.floor(size / 16))
}
