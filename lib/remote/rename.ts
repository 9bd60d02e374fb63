import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { move } from './move.js'
import { explain } from './refusal.js'
import type { Remote } from './remote.js'

/** RNFR and RNTO. Throws a RefusedError: ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL, EEXIST, EACCES. */
export async function rename(remote: Remote, call: Call, path: ByteString, dest: ByteString): Promise<void> {
  const refused = await move(remote, call, path, dest)
  // As rename(2) has it, a name of its own is no other name.
  if (!refused || (refused.found && path === dest)) return
  throw await explain(remote, call, 'rename', refused.reply, path, dest)
}
