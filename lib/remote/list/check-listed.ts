import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, type ByteString } from '../../wire/names/names.js'
import { entersAnything } from '../stat/entered.js'
import { pathKinds } from '../stat/path-kinds.js'
import { ancestors } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

/**
 * Whether a listing may not be of a folder. CWD of some servers accepts any path, and LIST then
 * shows a file or a missing path as empty, or the file alone.
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
 * Throws ENOENT or ENOTDIR if CWD accepted a path that is no folder. Sends nothing more to a server
 * whose CWD refuses such paths.
 */
export async function checkListed(remote: Remote, call: Call, path: ByteString): Promise<void> {
  if (!(await entersAnything(remote, call))) return
  const kinds = await pathKinds(remote, call, [...ancestors(path), path])
  const blocked = kinds.find(kind => kind !== 'directory')
  if (blocked === 'file') throw new RefusedError('ENOTDIR')
  if (blocked === 'missing' || blocked === 'dangling') throw new RefusedError('ENOENT')
}
