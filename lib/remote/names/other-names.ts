import type { Call } from '../../pool/call.js'
import { command, type Command } from '../../wire/session/command.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { entersAnything } from '../stat/entered.js'
import { leadsElsewhere } from '../stat/is-link.js'
import { ListRefused } from '../list/broken-listing.js'
import { allEntries } from '../list/entries.js'
import { lookalike } from './lookalike.js'
import { notKept, refuseUnsafeNames } from './unsafe-names.js'
import { iac, risksIn, type Risk } from './names-at-risk.js'
import { ancestors, join } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { refuseOtherFolder } from './own-folder.js'
import { isSame } from './same-name.js'

/**
 * Checks, for calls that only read on an unknown server, that a name at risk cannot reach another
 * file. The check creates nothing: one flight also asks for a lookalike of the name, and the folder
 * must list the name unchanged. After a success, names of the same kind are not checked again.
 *
 * @throws RefusedError: EINVAL for a name that the server does not keep, or does not list
 */
export async function refuseOtherNames(remote: Remote, call: Call, path: ByteString): Promise<void> {
  const { pool } = remote
  await refuseOtherFolder(remote, call)
  const { encoding } = pool.options
  if (risksIn(path, encoding).length === 0) return
  // Only a login identifies the server.
  await pool.firstLogin(call)
  if (pool.server.kind !== 'unknown') return
  refuseUnsafeNames(remote, path)
  for (const each of [...ancestors(path).slice(1), path]) {
    const risks = untried(pool.server, risksIn(basename(each), encoding))
    if (risks.length > 0 && !(await isReached(remote, call, each, risks))) return
  }
}

const untried = ({ keptNames, reachedNames }: ServerProfile, risks: readonly Risk[]): Risk[] =>
  risks.filter(({ kind }) => !keptNames.get(kind) && !reachedNames.has(kind))

/** False if the path is missing, so that it cannot be another file. */
async function isReached(
  remote: Remote,
  call: Call,
  path: ByteString,
  risks: readonly Risk[],
): Promise<boolean> {
  const { server, options } = remote.pool
  const name = basename(path)
  const likes = risks.map(risk => lookalike(name, risk, options.encoding) ?? name)
  const [own, ...others] = await found(
    remote,
    call,
    [name, ...likes].map(each => join(dirname(path), each)),
  )
  const anything = server.entersAnything === true
  for (const [index, risk] of risks.entries()) {
    if (!others[index] || likes[index] === name) continue
    if (risk.kind === iac && !own) {
      // The server reads two bytes FF as one: it requires them doubled.
      server.wantsDoubledIac = true
      return true
    }
    server.keptNames.set(risk.kind, false)
    throw notKept(risk.what)
  }
  if (!own && !anything) return false
  // Another call may be learning it now.
  while (server.tryingNames) await call.untilCancelled(server.tryingNames)
  const left = untried(server, risks)
  if (left.length === 0) return true
  const work = isShown(remote, call, path)
  const over = (): void => void (server.tryingNames = undefined)
  server.tryingNames = work.then(over, over)
  if (await work) for (const { kind } of left) server.reachedNames.add(kind)
  return true
}

/** Whether each of the paths exists. */
async function found(remote: Remote, call: Call, paths: readonly ByteString[]): Promise<boolean[]> {
  const seen = await ask(remote, call, {
    key: `other names ${paths.join('\0')}`,
    commands: server => [...paths.flatMap(path => questions(path, server)), command('CWD', '/')],
    answer: (replies, server) => {
      const each = questions('/', server).length
      return paths.map((_, index) => replies.slice(index * each, (index + 1) * each).map(isPositive))
    },
  })
  const entered = seen.slice(1).some(([entered, ...told]) => entered && !told.includes(true))
  const believed = !entered || !(await entersAnything(remote, call))
  return seen.map(([entered, ...told]) => told.includes(true) || (believed && entered!))
}

function questions(path: ByteString, { can }: ServerProfile): Command[] {
  const verbs = ['CWD', 'SIZE', can.mlst.certain ? 'MLST' : 'MDTM']
  return verbs.map(verb => command(verb, path))
}

/**
 * Whether the folder lists the name unchanged. False if that is not visible. Throws EINVAL if it
 * does not.
 */
async function isShown(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  const { server, options } = remote.pool
  const name = basename(path)
  try {
    const entries = await allEntries(remote, call, dirname(path))
    const entry = entries.find(each => isSame(each.name, name, options.encoding))
    // LIST may omit dot files.
    if (!entry && name.startsWith('.')) return false
    if (!entry)
      throw new RefusedError('EINVAL', undefined, 'the server does not show this name in its folder')
    const doubted = server.entersAnything && entry.type === 'directory'
    if (!doubted || !(await ask(remote, call, leadsElsewhere(path)))) return true
    throw new RefusedError('EINVAL', undefined, 'the server enters another folder by this name')
  } catch (error) {
    if (error instanceof ListRefused) return false
    throw error
  }
}
