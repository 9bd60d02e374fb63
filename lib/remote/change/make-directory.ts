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

/** What is known of a path that is to be made. */
export interface Known {
  /** Nothing of this name is there: the caller has just seen so, or has made the name up. */
  readonly isNew?: boolean | undefined
  /** The folder above is there: the caller has just seen so, or has made it. */
  readonly hasParent?: boolean | undefined
}

/** MKD. Throws a RefusedError: EEXIST, ENOENT, ENOTDIR, EACCES; as `carryOut`. */
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
 * MKD of folders that lie in one another, the highest first. Resolves with the first that was made,
 * if any was.
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
    // MKD of ftp-srv 4.6.3 says 257 of a folder that exists.
    if (!blocked) return paths.find((path, index) => isPositive(replies[index]!) && !there.has(path))
    if (!mayPass(blocked.reply, blocked.error)) throw blocked.error
    await remote.pool.retry(call, blocked.error)
  }
}

interface Made {
  readonly replies: readonly Reply[]
  /** The paths at which something was seen before. */
  readonly seen: ReadonlySet<ByteString>
}

/** In one flight, unless the server takes no full paths. */
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

/** Why the last of the folders is not there, and the reply that says so; undefined where it is. */
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
 * The paths at which something stands, where neither MKD nor a question in its flight would tell:
 * CWD takes anything there, and nothing else is asked. Undefined on other servers.
 */
async function standing(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
): Promise<ReadonlySet<ByteString> | undefined> {
  const { pool } = remote
  // What the server is, a login tells.
  await pool.firstLogin(call)
  if (pool.server.can.mlst.suffices || !(await entersAnything(remote, call))) return undefined
  const kinds = await pathKinds(remote, call, paths)
  return new Set(paths.filter((_, index) => kinds[index] !== 'missing'))
}

/** Whether an answer shows that something stands there. */
function shows({ verb }: Command, reply: Reply): boolean {
  return verb === 'MLST' ? mlstEntry(reply) !== undefined : isPositive(reply)
}

/** Whether a refusal may be of the full path, as Serv-U has it, and not of the name. */
function isOfFullPath({ options }: Remote, { code }: Reply): boolean {
  return code === 501 && !options.useCwdNames
}

/** MKD, unless the server would make another name. */
function making(remote: Remote, path: ByteString, bare = false): Command {
  refuseRewrittenName(remote, path)
  return bare ? command('MKD', { path, folder: dirname(path) }) : command('MKD', path)
}
