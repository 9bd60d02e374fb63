import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { move, type MoveOptions } from './move.js'
import { explain } from '../refusal.js'
import { mayPass } from '../refused.js'
import type { Remote } from '../remote.js'
import { replaceFile } from './replace-file.js'

/**
 * RNFR and RNTO; a file over a file where RNTO refuses a name that exists, too.
 *
 * @throws RefusedError: ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL, EEXIST, EACCES; what `move` and
 *   `replaceFile` throw
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
    // As rename(2) has it: onto itself, nothing is done.
    if (!refused || (refused.found && path === dest)) return
    const { reply, found } = refused
    const reason = await explain(remote, call, 'rename', reply, path, dest)
    const mayReplace = found && reason.code === 'EEXIST' && !options.exclusive
    if (mayReplace && (await replaceFile(remote, call, path, dest))) return
    if (!mayPass(reply, reason)) throw reason
    await remote.pool.retry(call, reason)
  }
}
