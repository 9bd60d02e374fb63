import type { Call } from '../../pool/call.js'
import { dirname, type ByteString } from '../../wire/names/names.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { pathExists, statPath } from '../stat/stat.js'

/** What is demanded of a path before anything is stored there. */
export interface PathDemands {
  /**
   * The file must not exist yet. FTP cannot ask and make at once: somebody else may make it in
   * between.
   */
  readonly exclusive?: boolean | undefined
  /** The file must exist; of a `patch` it is true. */
  readonly mustExist?: boolean | undefined
  /** The path can only name a folder: it ends with a slash. */
  readonly folder?: boolean | undefined
}

/** Whether a question is needed to check that. */
export const demandsChecks = ({ exclusive, mustExist, folder }: PathDemands): boolean =>
  exclusive === true || mustExist === true || folder === true

/**
 * Checks what is demanded of the path. Resolves with the size of a file that must exist, else with
 * 0.
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
    // As open(2) has it: what may be made needs the folder above it, what must be there itself.
    const info = await statPath(remote, call, mustExist ? path : dirname(path))
    throw new RefusedError(info.type === 'directory' ? 'EISDIR' : 'ENOTDIR')
  }
  if (exclusive && (await pathExists(remote, call, path))) throw new RefusedError('EEXIST')
  if (!mustExist) return 0
  const info = await statPath(remote, call, path)
  if (info.type === 'directory') throw new RefusedError('EISDIR')
  return info.size ?? 0
}
