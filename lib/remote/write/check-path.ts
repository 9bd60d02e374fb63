import type { Call } from '../../pool/call.js'
import { dirname, type ByteString } from '../../wire/names/names.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { pathExists, statPath } from '../stat/stat.js'

/** The conditions that a path has to meet before anything is stored there. */
export interface PathDemands {
  /**
   * The file must not exist yet. FTP has no command that checks and creates at once: another client
   * may create the file in between.
   */
  readonly exclusive?: boolean | undefined
  /** The file must exist, as it must for a `patch`. */
  readonly mustExist?: boolean | undefined
  /** The path can only name a folder: it ends with a slash. */
  readonly folder?: boolean | undefined
}

/** Whether the server has to be asked to check these conditions. */
export const demandsChecks = ({ exclusive, mustExist, folder }: PathDemands): boolean =>
  exclusive === true || mustExist === true || folder === true

/**
 * Checks that the path meets its conditions. Resolves with the size of a file that must exist, else
 * with 0.
 *
 * @throws RefusedError: EEXIST, ENOENT, EISDIR, ENOTDIR
 */
export async function checkPath(
  remote: Remote,
  call: Call,
  path: ByteString,
  { exclusive, mustExist, folder }: PathDemands,
): Promise<number> {
  if (folder) {
    // As in open(2): a file that may be created needs its parent folder; else it must exist itself.
    const info = await statPath(remote, call, mustExist ? path : dirname(path))
    throw new RefusedError(info.type === 'directory' ? 'EISDIR' : 'ENOTDIR')
  }
  if (exclusive && (await pathExists(remote, call, path))) throw new RefusedError('EEXIST')
  if (!mustExist) return 0
  const info = await statPath(remote, call, path)
  if (info.type === 'directory') throw new RefusedError('EISDIR')
  return info.size ?? 0
}
