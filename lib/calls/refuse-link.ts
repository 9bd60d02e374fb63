import type { Target } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { LackingError } from '../remote/not-supported.js'
import { lstat } from '../remote/stat/lstat.js'
import type { Calls } from './calls.js'

/** A command for the mode or the time would follow a link. Throws ENOTSUP for one, and what lstat throws. */
export async function refuseLink(
  { remote }: Calls,
  call: Call,
  { path, folder }: Target,
  what: 'mode' | 'time',
): Promise<void> {
  // A slash at the end of the path follows the link, too.
  if (folder || (await lstat(remote, call, path, true)).type !== 'link') return
  throw new LackingError(`FTP has no command for the ${what} of a link`)
}
