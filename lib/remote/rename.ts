import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { move } from './move.js'
import { explain } from './refusal.js'
import type { Remote } from './remote.js'
import { replaceFile } from './replace-file.js'

/**
 * RNFR and RNTO; a file over a file where RNTO refuses a name that exists, too.
 *
 * @throws RefusedError: ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL, EEXIST, EACCES; what
 *   `replaceFile` throws
 */
export async function rename(remote: Remote, call: Call, path: ByteString, dest: ByteString): Promise<void> {
  const refused = await move(remote, call, path, dest)
  // As rename(2) has it: onto itself, nothing is done.
  if (!refused || (refused.found && path === dest)) return
  const reason = await explain(remote, call, 'rename', refused.reply, path, dest)
  const exists = refused.found && reason.code === 'EEXIST'
  if (!exists || !(await replaceFile(remote, call, path, dest))) throw reason
}
