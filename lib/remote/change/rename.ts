import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { move, type MoveOptions } from './move.js'
import { explain } from '../refusal.js'
import { mayPass } from '../refused.js'
import type { Remote } from '../remote.js'
import { replaceFile } from './replace-file.js'

/**
 * Renames an entry by RNFR and RNTO. A file replaces a file even if RNTO refuses an existing name.
 *
 * @throws RefusedError: ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL, EEXIST, EACCES; also what
 *   `move` and `replaceFile` throw
 */
export async function renamePath(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
  options: MoveOptions = {},
): Promise<void> {
  for (;;) {
    const refused = await move(remote, call, path, dest, options)
    // rename(2) of a path onto itself does nothing.
    if (!refused || (refused.found && path === dest)) return
    const { reply, found } = refused
    const reason = await explain(remote, call, 'rename', reply, path, dest)
    const mayReplace = found && reason.code === 'EEXIST' && !options.exclusive
    if (mayReplace && (await replaceFile(remote, call, path, dest))) return
    if (!mayPass(reply, reason)) throw reason
    await remote.pool.retry(call, reason)
  }
}
