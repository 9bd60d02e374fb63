import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive, quotedPath } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { entersAnything } from '../stat/entered.js'
import { lookalike } from './lookalike.js'
import { notKept } from './unsafe-names.js'
import { iac, risksIn, type Risk } from './names-at-risk.js'
import { ancestors, join } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'
import { isSame } from './same-name.js'

/** A path that reaches a folder of the URL if the server changes the part at risk in its name. */
interface Lookalike {
  readonly risk: Risk
  readonly path: ByteString
}

/**
 * Checks once, for calls that only read on an unknown server, that the folder of the URL cannot
 * reach another one. One flight asks for lookalikes of its names, and for PWD.
 *
 * @throws RefusedError: EINVAL for a name that the server does not keep
 */
export async function refuseOtherFolder(remote: Remote, call: Call): Promise<void> {
  const { pool } = remote
  if (pool.server.isFolderReached || pool.server.kind !== 'unknown') return
  if (risksAbove(remote).length === 0) {
    // Every read comes here: after a login, nothing changes any more.
    pool.server.isFolderReached = pool.server.isDirectoryTold
    return
  }
  // Only a login identifies the server and its login directory.
  await pool.firstLogin(call)
  const { server, options } = pool
  if (server.kind !== 'unknown' || server.namesAreRelative) return
  const risks = risksAbove(remote)
  for (const { kind, what } of risks) if (server.keptNames.get(kind) === false) throw notKept(what)
  if (risks.every(({ kind }) => server.keptNames.get(kind) || server.reachedNames.has(kind))) return
  const likes = lookalikes(remote)
  const { entered, own, told } = await ask(remote, call, {
    key: 'own folder',
    commands: () => [...likes.map(({ path }) => command(`CWD ${path}`)), command('CWD', '/'), command('PWD')],
    answer: (replies, { quirks }) => ({
      entered: replies.slice(0, likes.length).map(isPositive),
      own: isPositive(replies[likes.length]!),
      told: quotedPath(replies[likes.length + 1]!, quirks),
    }),
  })
  const believed = !entered.includes(true) || !(await entersAnything(remote, call))
  for (const [index, { risk }] of likes.entries()) {
    if (!entered[index] || !believed) continue
    // The server reads two bytes FF as one: it requires them doubled.
    if (risk.kind === iac && !own) server.wantsDoubledIac = true
    else throw refuse(server, risk)
  }
  if (!own) return
  if (
    told !== undefined &&
    isRewritten(told, serverPath(remote, '/'), (a, b) => isSame(a, b, options.encoding))
  )
    throw new RefusedError('EINVAL', undefined, "the server enters another folder by the name of the URL's")
  server.isFolderReached = true
}

function refuse(server: ServerProfile, { kind, what }: Risk): RefusedError {
  server.keptNames.set(kind, false)
  return notKept(what)
}

/** Whether PWD shows a sibling of the folder, or its parent. A link may lead anywhere else. */
function isRewritten(
  told: ByteString,
  asked: ByteString,
  same: (a: ByteString, b: ByteString) => boolean,
): boolean {
  if (same(told, asked)) return false
  return told === dirname(asked) || dirname(told) === dirname(asked)
}

/** The folders of the URL below the login directory, whose name comes from the server itself. */
function foldersAbove(remote: Remote): ByteString[] {
  const { loginDirectory } = remote.pool.server
  const whole = serverPath(remote, '/')
  const all = [...ancestors(whole).slice(1), whole].filter(each => each !== '/')
  return whole.startsWith(`${loginDirectory}/`)
    ? all.filter(({ length }) => length > loginDirectory.length)
    : all
}

function risksAbove(remote: Remote): Risk[] {
  const names = foldersAbove(remote).map(each => basename(each))
  return risksIn(`/${names.join('/')}`, remote.pool.options.encoding)
}

function lookalikes(remote: Remote): Lookalike[] {
  const { encoding } = remote.pool.options
  return foldersAbove(remote).flatMap(each => {
    const name = basename(each)
    return risksIn(name, encoding).flatMap(risk => {
      const like = lookalike(name, risk, encoding)
      return like === undefined || like === name ? [] : [{ risk, path: join(dirname(each), like) }]
    })
  })
}
