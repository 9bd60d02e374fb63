import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'

/**
 * Whether the server converts line ends on the way (option `transferType`): the bytes of a transfer
 * are not those of the file, nor as many.
 */
export const isAscii = ({ pool }: Remote): boolean => pool.server.isAscii

/** Where bytes are to go in a file, or to be read from. */
interface Places {
  readonly mode?: string | undefined
  readonly start?: number | undefined
  readonly end?: number | undefined
}

/**
 * Throws ENOTSUP for what names a position in a file that is converted: a start or an end, an
 * append, a change in place. Nothing is sent then.
 */
export function refuseInAscii(remote: Remote, { mode = 'replace', start = 0, end = Infinity }: Places): void {
  if (isAscii(remote) && (mode !== 'replace' || start > 0 || end !== Infinity)) throw notInAscii()
}

/** Why open files, and parts of files, are not to be had. */
export const notInAscii = (): RefusedError =>
  new RefusedError('ENOTSUP', undefined, "with transferType 'ascii' files are read and written whole only")
