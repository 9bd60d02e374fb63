import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { basename, type ByteString } from '../../wire/names/names.js'
import { isPositive, quotedPath } from '../../wire/reply/replies.js'
import { changing } from './changing.js'
import type { Remote } from '../remote.js'
import { sendOnce } from './send-once.js'
import { removeTrial, trialFolder } from './trial.js'

/**
 * Whether PWD reports the system's working directory, with links resolved. If so, it reports the
 * new name of a folder that is renamed while the session is in it. A server that only joins paths
 * does not. Tried once per server with a folder of our own in `parent`. If `parent` takes none, the
 * answer stays unknown, and the result is false.
 */
export async function resolvesLinks(remote: Remote, call: Call, parent: ByteString): Promise<boolean> {
  const { server } = remote.pool
  while (server.resolvesLinks === undefined) {
    const made = trialFolder(parent)
    const renamed = `${made}-in`
    const { replies, lost } = await changing(remote, [made, renamed], () =>
      sendOnce(remote, call, () => [
        ...[command('MKD', made), command('CWD', made)],
        ...[command('RNFR', made), command('RNTO', renamed)],
        // Pure-FTPd 1.0.50 asks the system only at CWD.
        ...[command('CWD .'), command('PWD')],
      ]),
    )
    const isMade = lost !== undefined || isPositive(replies[0]!)
    // An unknown server may refuse to remove its working directory.
    if (isMade) await removeTrial(remote, call, [renamed, made], [command('CWD', parent)])
    if (lost) continue
    if (!isMade) return false
    const reported = quotedPath(replies.at(-1)!, server.quirks)
    server.resolvesLinks = reported !== undefined && basename(reported) === basename(renamed)
  }
  return server.resolvesLinks
}
