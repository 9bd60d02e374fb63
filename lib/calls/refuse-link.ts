import type { CallPath } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { NotSupportedError } from '../remote/not-supported.js'
import { lstatPath } from '../remote/stat/lstat.js'
import type { CallRunner } from './call-runner.js'

/** A command for the mode or the time would follow a link. Throws ENOTSUP for one, and what lstat throws. */
export async function refuseLink(
  { remote }: CallRunner,
  call: Call,
  { path, folder }: CallPath,
  what: 'mode' | 'time',
): Promise<void> {
  // A slash at the end of the path follows the link, too.
  if (folder || (await lstatPath(remote, call, path, true)).type !== 'link') return
  throw new NotSupportedError(`FTP has no command for the ${what} of a link`)
}
