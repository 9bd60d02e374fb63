import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { changing } from './changing.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'
import { sendOnce } from './send-once.js'
import { removeTrial, trialFolder } from './trial.js'

/**
 * Learns whether DELE and RMD refuse a folder with entries, by a trial with two folders of our own
 * in `parent`, once per server. If `parent` takes no folder, the answer stays unknown.
 */
export async function learnFullFolders(remote: Remote, call: Call, parent: ByteString): Promise<void> {
  const { server } = remote.pool
  while (!server.sparesFullFolders) {
    const outer = trialFolder(parent)
    const inner = join(outer, 'in')
    const { replies, lost } = await changing(remote, [outer, inner], () =>
      sendOnce(remote, call, () => [
        command('MKD', outer),
        command('MKD', inner),
        command('DELE', outer),
        command('RMD', outer),
      ]),
    )
    const made = replies.slice(0, 2).filter(isPositive).length
    if (made > 0 || lost) await removeTrial(remote, call, [inner, outer])
    if (lost) continue
    const [deleted, removed] = replies.slice(2)
    if (made < 2) return
    // After a DELE that removed the folder, the reply to RMD proves nothing.
    const byDele = !isPositive(deleted!)
    server.sparesFullFolders = { DELE: byDele, RMD: byDele && !isPositive(removed!) }
  }
}
