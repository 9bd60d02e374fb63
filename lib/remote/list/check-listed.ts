import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, type ByteString } from '../../wire/names/names.js'
import { entersAnything } from '../stat/entered.js'
import { pathKinds } from '../stat/path-kinds.js'
import { ancestors } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

/**
 * Whether a listing may be that of no folder: CWD of some servers takes any path, and what LIST
 * says there of a file, or of nothing, is nothing, or the file alone.
 */
export function mayBeNoFolder(
  { pool }: Remote,
  path: ByteString,
  [only, ...others]: readonly ListedEntry[],
): boolean {
  if (pool.server.kind !== 'unknown' || path === '/' || others.length > 0) return false
  return !only || (only.name === basename(path) && only.type !== 'directory')
}

/**
 * Throws ENOENT or ENOTDIR for what was entered and is no folder. Asks nothing more on a server
 * whose CWD refuses what it cannot enter.
 */
export async function checkListed(remote: Remote, call: Call, path: ByteString): Promise<void> {
  if (!(await entersAnything(remote, call))) return
  const kinds = await pathKinds(remote, call, [...ancestors(path), path])
  const blocked = kinds.find(kind => kind !== 'directory')
  if (blocked === 'file') throw new RefusedError('ENOTDIR')
  if (blocked === 'missing' || blocked === 'dangling') throw new RefusedError('ENOENT')
}
