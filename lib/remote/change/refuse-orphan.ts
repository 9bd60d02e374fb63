import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { changing } from './changing.js'
import { pathKinds } from '../stat/path-kinds.js'
import { ancestors, join } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { sendOnce } from './send-once.js'
import { removeTrial, trialFolder } from './trial.js'

/**
 * Throws ENOENT if the parent of a new folder is missing, on a server whose MKD would create it. A
 * trial with folders of our own, in one flight and once per server, shows whether MKD does so.
 */
export async function refuseOrphan(remote: Remote, call: Call, path: ByteString): Promise<void> {
  const above = ancestors(path).slice(1)
  // With bare names, CWD enters the parent first, and fails if it is missing.
  if (above.length === 0 || remote.options.useCwdNames) return
  // Only a login identifies the server.
  await remote.pool.firstLogin(call)
  const { server } = remote.pool
  // A server without `makeByPath` gets bare names, which need an existing parent.
  if (server.kind !== 'unknown' || makesNone(server) || server.can.makeByPath.failed) return
  const [kinds] = await Promise.all([pathKinds(remote, call, above), tryIn(remote, call, '/')])
  // MKD refuses a path below a file.
  if (kinds.includes('file')) return
  const parents = above.filter((_, index) => kinds[index] === 'directory')
  if (parents.length > 0) await tryIn(remote, call, parents.at(-1)!)
  if (kinds.at(-1) === 'missing' && !makesNone(server)) throw new RefusedError('ENOENT')
}

/** The trial has shown that MKD creates no missing parents. */
const makesNone = ({ makesParents }: ServerProfile): boolean => makesParents === false

/** Tries MKD in the folder, once per server. If it takes no folder, the answer stays unknown. */
function tryIn(remote: Remote, call: Call, folder: ByteString): Promise<void> {
  const { server } = remote.pool
  const isKnown = (): boolean => server.makesParents !== undefined
  return remote.makesParents.make(call, isKnown, () => learn(remote, call, folder))
}

async function learn(remote: Remote, call: Call, folder: ByteString): Promise<void> {
  const { server } = remote.pool
  for (;;) {
    const outer = trialFolder(folder)
    const inner = join(outer, 'in')
    const removal = [command('RMD', inner), command('RMD', outer)]
    const { replies, lost } = await changing(remote, [outer, inner], () =>
      sendOnce(remote, call, () => [command('MKD', inner), command('MKD', outer), ...removal]),
    )
    if (lost) {
      await removeTrial(remote, call, [inner, outer])
      continue
    }
    const [withParent, alone] = replies
    if (isPositive(withParent!)) server.makesParents = true
    // This success shows that the first MKD failed only because of the missing parent.
    else if (isPositive(alone!)) server.makesParents = false
    return
  }
}
