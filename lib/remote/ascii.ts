import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'

/**
 * Whether the server converts line ends in transfers (option `transferType`): the bytes of a
 * transfer then differ from those of the file, in value and number.
 */
export const isAscii = ({ pool }: Remote): boolean => pool.server.isAscii

/** The positions in a file of the bytes to be written or read. */
interface Places {
  readonly mode?: string | undefined
  readonly start?: number | undefined
  readonly end?: number | undefined
}

/**
 * Throws ENOTSUP for a position in a converted file: a start or an end, an append, a change in
 * place. Nothing is sent then.
 */
export function refuseInAscii(remote: Remote, { mode = 'replace', start = 0, end = Infinity }: Places): void {
  if (isAscii(remote) && (mode !== 'replace' || start > 0 || end !== Infinity)) throw notInAscii()
}

/** The error for open files and parts of files, which are not available in ASCII mode. */
export const notInAscii = (): RefusedError =>
  new RefusedError('ENOTSUP', undefined, "with transferType 'ascii' files are read and written whole only")
