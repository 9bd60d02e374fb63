import type { Call } from '../../pool/call.js'
import { command, type Command } from '../../wire/session/command.js'
import { mlstEntry } from '../../wire/listing/mlsd-line.js'
import { dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { carryOut } from './carry-out.js'
import { changing } from './changing.js'
import { entersAnything } from '../stat/entered.js'
import { keepNames } from '../names/keep-names.js'
import { pathKinds } from '../stat/path-kinds.js'
import { refuseRewrittenName } from '../names/unsafe-names.js'
import { explain } from '../refusal.js'
import { mayPass, RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { refuseOrphan } from './refuse-orphan.js'

/** What the caller knows of a path before creating it. */
export interface Known {
  /** The path is free: the caller has just checked it, or has generated the name. */
  readonly isNew?: boolean | undefined
  /** The parent folder exists: the caller has just checked it, or has created it. */
  readonly hasParent?: boolean | undefined
}

/**
 * Creates a folder by MKD.
 *
 * @throws RefusedError: EEXIST, ENOENT, ENOTDIR, EACCES; also what `carryOut` throws
 */
export async function makeDirectory(
  remote: Remote,
  call: Call,
  path: ByteString,
  { isNew, hasParent }: Known = {},
): Promise<void> {
  const { server } = remote.pool
  await keepNames(remote, call, path, true)
  if (!isNew && (await standing(remote, call, [path]))?.has(path)) throw new RefusedError('EEXIST')
  if (!hasParent) await refuseOrphan(remote, call, path)
  let bare = false
  let refused = false
  await carryOut(remote, call, {
    kind: 'make',
    path,
    folder: true,
    command: () => making(remote, path, (bare ||= server.can.makeByPath.failed)),
    nextWay: reply => {
      refused = !bare && isOfFullPath(remote, reply)
      bare ||= refused
      return refused
    },
    reason: refusal => explain(remote, call, 'mkdir', refusal, path),
    sure: isNew,
  })
  if (refused) server.can.makeByPath.fail()
}

/**
 * Creates nested folders by MKD, the outermost first. Resolves with the first one that was created,
 * if any.
 */
export async function makeDirectories(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
): Promise<ByteString | undefined> {
  if (paths.length > 0) await keepNames(remote, call, paths.at(-1)!, true)
  const stood = await standing(remote, call, paths)
  for (;;) {
    const { replies, seen } = await makeAll(remote, call, paths)
    const there = stood ?? seen
    const blocked = isPositive(replies.at(-1)!) ? undefined : await blockedBy(remote, call, paths, replies)
    // MKD of ftp-srv 4.6.3 replies 257 for a folder that already exists.
    if (!blocked) return paths.find((path, index) => isPositive(replies[index]!) && !there.has(path))
    if (!mayPass(blocked.reply, blocked.error)) throw blocked.error
    await remote.pool.retry(call, blocked.error)
  }
}

interface Made {
  readonly replies: readonly Reply[]
  /** The paths that existed before. */
  readonly seen: ReadonlySet<ByteString>
}

/** Sends all MKD in one flight, unless the server takes no full paths. */
async function makeAll(remote: Remote, call: Call, paths: readonly ByteString[]): Promise<Made> {
  const { server } = remote.pool
  return changing(remote, paths, async () => {
    if (server.can.makeByPath.failed) return oneByOne(remote, call, paths)
    const made = await ask(remote, call, {
      commands: ({ kind, can }) => {
        const verb = can.mlst.suffices ? 'MLST' : 'CWD'
        const questions = kind === 'unknown' ? paths.map(path => command(verb, path)) : []
        return [...questions, ...paths.map(path => making(remote, path))]
      },
      answer: (all, _, __, sent): Made => ({
        replies: all.slice(-paths.length),
        seen: new Set(all.length > paths.length ? paths.filter((_, at) => shows(sent[at]!, all[at]!)) : []),
      }),
    })
    const refused = made.replies.some(reply => isOfFullPath(remote, reply))
    if (!refused || isPositive(made.replies.at(-1)!) || made.seen.has(paths.at(-1)!)) return made
    const others = await oneByOne(remote, call, paths)
    if (isPositive(others.replies.at(-1)!)) server.can.makeByPath.fail()
    return others
  })
}

async function oneByOne(remote: Remote, call: Call, paths: readonly ByteString[]): Promise<Made> {
  const replies: Reply[] = []
  const seen = new Set<ByteString>()
  for (const path of paths) {
    const answer = ([there, made]: Reply[]): Reply => {
      if (isPositive(there!)) seen.add(path)
      return made!
    }
    const commands = (): Command[] => [command('CWD', path), making(remote, path, true)]
    replies.push(await ask(remote, call, { commands, answer }))
  }
  return { replies, seen }
}

/** Why the last folder does not exist, and the reply that shows it. Undefined if it exists. */
async function blockedBy(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
  replies: readonly Reply[],
): Promise<{ error: RefusedError; reply: Reply } | undefined> {
  const kinds = await pathKinds(remote, call, paths)
  const blocked = kinds.findIndex(kind => kind !== 'directory')
  if (blocked < 0) return undefined
  const isFile = kinds[blocked] === 'file'
  const reply = isFile ? replies.at(-1)! : replies[blocked]!
  if (isFile)
    return { error: new RefusedError(blocked < paths.length - 1 ? 'ENOTDIR' : 'EEXIST', reply), reply }
  return { error: await explain(remote, call, 'mkdir', reply, paths[blocked]!), reply }
}

/**
 * The paths that exist, on a server where neither MKD nor a question in its flight shows this: CWD
 * succeeds for any path there, and MLST does not work. Undefined on other servers.
 */
async function standing(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
): Promise<ReadonlySet<ByteString> | undefined> {
  const { pool } = remote
  // Only a login identifies the server.
  await pool.firstLogin(call)
  if (pool.server.can.mlst.suffices || !(await entersAnything(remote, call))) return undefined
  const kinds = await pathKinds(remote, call, paths)
  return new Set(paths.filter((_, index) => kinds[index] !== 'missing'))
}

/** Whether the reply shows that the path exists. */
function shows({ verb }: Command, reply: Reply): boolean {
  return verb === 'MLST' ? mlstEntry(reply) !== undefined : isPositive(reply)
}

/** Whether the refusal may concern the full path, as on Serv-U, and not the name. */
function isOfFullPath({ options }: Remote, { code }: Reply): boolean {
  return code === 501 && !options.useCwdNames
}

/** The MKD command. Throws if the server would create the folder under another name. */
function making(remote: Remote, path: ByteString, bare = false): Command {
  refuseRewrittenName(remote, path)
  return bare ? command('MKD', { path, folder: dirname(path) }) : command('MKD', path)
}
