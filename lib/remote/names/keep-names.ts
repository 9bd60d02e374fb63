import type { Call } from '../../pool/call.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import type { Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { pathKinds } from '../stat/path-kinds.js'
import { leadsElsewhere } from '../stat/is-link.js'
import { list } from '../list/list.js'
import { notKept, refuseUnsafeNames } from './unsafe-names.js'
import { risksIn, safeFolder, type Risk } from './names-at-risk.js'
import { ancestors } from '../paths.js'
import { explain } from '../refusal.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'
import { tryNames } from './try-names.js'

/**
 * Checks, before a change on an unknown server, that the names of a path cannot reach another file.
 * Each kind of risk is tried once.
 *
 * @param makes the call creates the path. If false, the path must exist
 * @throws RefusedError: EINVAL for a name that the server does not keep. If the trial cannot create
 *   a file, and the name is not listed, ENOENT, or with `makes` the reason of that refusal
 */
export async function keepNames(remote: Remote, call: Call, path: ByteString, makes: boolean): Promise<void> {
  const { pool } = remote
  if (risksIn(serverPath(remote, path), pool.options.encoding).length === 0) return
  // Only a login identifies the server.
  await pool.firstLogin(call)
  if (pool.server.kind !== 'unknown') return
  for (;;) {
    refuseUnsafeNames(remote, path)
    const risks = risksIn(ownPath(remote, path), pool.options.encoding)
    for (const { kind, what } of risks) if (pool.server.keptNames.get(kind) === false) throw notKept(what)
    const untried = risks.filter(({ kind }) => !pool.server.keptNames.has(kind))
    if (untried.length === 0) return
    if (pool.server.tryingNames) {
      await call.untilCancelled(pool.server.tryingNames)
      continue
    }
    const work = tryAbove(remote, call, safeFolder(path), untried)
    const over = (): void => void (pool.server.tryingNames = undefined)
    pool.server.tryingNames = work.then(over, over)
    const refused = await work
    if (refused && !(await isListed(remote, call, path)))
      throw await absent(remote, call, path, refused, makes)
    if (refused) return
  }
}

/** Tries names in the folder, or in the nearest existing ancestor if it is missing. */
async function tryAbove(
  remote: Remote,
  call: Call,
  folder: ByteString,
  risks: readonly Risk[],
): Promise<Reply | undefined> {
  const refused = await tryNames(remote, call, folder, risks)
  if (!refused || folder === '/') return refused
  const [kind] = await pathKinds(remote, call, [folder])
  return kind === 'missing' ? tryAbove(remote, call, dirname(folder), risks) : refused
}

/** Whether each name of the path is listed unchanged, and CWD enters no other folder by it. */
async function isListed(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  for (const each of [...ancestors(path).slice(1), path]) {
    if (risksIn(basename(each), remote.pool.options.encoding).length === 0) continue
    const entries = await list(remote, call, dirname(each))
    if (!entries.some(({ name }) => name === basename(each))) return false
    if (await ask(remote, call, leadsElsewhere(each))) return false
  }
  return true
}

async function absent(
  remote: Remote,
  call: Call,
  path: ByteString,
  refused: Reply,
  makes: boolean,
): Promise<RefusedError> {
  return makes ? explain(remote, call, 'write', refused, path) : new RefusedError('ENOENT', refused)
}

/** The path without the login directory, whose name comes from the server itself. */
function ownPath(remote: Remote, path: ByteString): ByteString {
  const { loginDirectory } = remote.pool.server
  const whole = serverPath(remote, path)
  return whole.startsWith(`${loginDirectory}/`) ? whole.slice(loginDirectory.length) : whole
}
