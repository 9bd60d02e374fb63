import type { CallPath } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { NotSupportedError } from '../remote/not-supported.js'
import { lstatPath } from '../remote/stat/lstat.js'
import type { CallRunner } from './call-runner.js'

/**
 * Refuses a link, because a command for its mode or time would follow it. Throws ENOTSUP, and the
 * errors of `lstat`.
 */
export async function refuseLink(
  { remote }: CallRunner,
  call: Call,
  { path, folder }: CallPath,
  what: 'mode' | 'time',
): Promise<void> {
  // A slash at the end follows the link in any case.
  if (folder || (await lstatPath(remote, call, path, true)).type !== 'link') return
  throw new NotSupportedError(`FTP has no command for the ${what} of a link`)
}
