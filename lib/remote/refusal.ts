import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names/names.js'
import { isUnknownCommand, type Reply } from '../wire/reply/replies.js'
import { isAboutPath } from './about-path.js'
import { isEmpty } from './list/entries.js'
import { pathKinds } from './stat/path-kinds.js'
import type { PathKind } from './stat/probe-kinds.js'
import { isLink } from './stat/is-link.js'
import { isNotEmpty } from './change/not-empty.js'
import { ancestors } from './paths.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { replyWords } from './reply-words.js'

/** The operation that the server refused. */
export type RefusedAttempt =
  'stat' | 'list' | 'read' | 'write' | 'unlink' | 'rmdir' | 'mkdir' | 'rename' | 'change'

/** Reasons that the text of a reply gives beyond doubt. */
const phrases: readonly [RegExp, string][] = [
  [/no space|disk (?:is )?full|quota|insufficient storage|ENOSPC|EDQUOT/i, 'ENOSPC'],
  [/read-only file ?system|EROFS/i, 'EROFS'],
  [/name too long|ENAMETOOLONG/i, 'ENAMETOOLONG'],
  [/too many levels of symbolic links|ELOOP/i, 'ELOOP'],
  [/cross-device|EXDEV/i, 'EXDEV'],
]

/** The reason that the reply itself gives, if any. `text`: the reply without paths. */
export function plainReason(reply: Reply, text: string): string | undefined {
  const found = phrases.find(([phrase]) => phrase.test(text))
  return found?.[1] ?? (reply.code === 452 || reply.code === 552 ? 'ENOSPC' : undefined)
}

const notPermitted = /permission denied|not permitted|access (?:is )?denied|EACCES|EPERM/i

/** Whether a reply denies permission. `text`: the reply without paths. */
export function isDenied(text: string): boolean {
  return notPermitted.test(text)
}

/**
 * Turns a refusal into the error of a local file system. A bare 550 says nothing, and its text
 * differs from server to server, so one more flight asks for the kinds of the paths.
 */
export async function explain(
  remote: Remote,
  call: Call,
  attempt: RefusedAttempt,
  reply: Reply,
  path: ByteString,
  dest?: ByteString,
): Promise<RefusedError> {
  return new RefusedError(await reason(remote, call, attempt, reply, path, dest), reply)
}

async function reason(
  remote: Remote,
  call: Call,
  attempt: RefusedAttempt,
  reply: Reply,
  path: ByteString,
  dest: ByteString | undefined,
): Promise<string> {
  const paths = dest === undefined ? [path] : [path, dest]
  const text = replyWords(remote, reply, ...paths)
  const plain = plainReason(reply, text)
  if (plain !== undefined) return plain
  if (paths.some(hasLongName)) return 'ENAMETOOLONG'
  if (isAboutCommand(remote, attempt, reply, text)) return 'ENOTSUP'

  const above = ancestors(path)
  const aboveDest = dest === undefined ? [] : ancestors(dest)
  const asked = [...above, path, ...aboveDest, ...(dest === undefined ? [] : [dest])]
  const kinds = await pathKinds(remote, call, asked)
  const blocked = blockedBy(kinds.slice(0, above.length))
  const destBlocked = blockedBy(kinds.slice(above.length + 1, above.length + 1 + aboveDest.length))
  const here = kinds[above.length]!
  const there = dest === undefined ? undefined : kinds.at(-1)!

  const denied = notPermitted.test(text)
  // 5yz refuses permanently, 450 says that the file is in use, and other 4yz that something failed.
  const isArgument = reply.code === 501 && !denied
  const otherwise = isArgument
    ? 'EINVAL'
    : denied || reply.code >= 500
      ? 'EACCES'
      : reply.code === 450
        ? 'EBUSY'
        : 'EIO'
  if (blocked) return denied && blocked === 'ENOENT' ? 'EACCES' : blocked
  // rename(2) resolves both paths before it checks the source.
  if (destBlocked) return denied && destBlocked === 'ENOENT' ? 'EACCES' : destBlocked
  if (here === 'missing' && attempt !== 'write' && attempt !== 'mkdir') return denied ? 'EACCES' : 'ENOENT'
  if (here === 'dangling' && (attempt === 'stat' || attempt === 'read' || attempt === 'list')) return 'ENOENT'
  switch (attempt) {
    case 'mkdir':
      return here === 'missing' ? otherwise : 'EEXIST'
    case 'read':
    case 'unlink':
      return here === 'directory' ? 'EISDIR' : otherwise
    case 'write':
      if (here === 'directory') return 'EISDIR'
      // 550 and 553 refuse the file; another 5yz means that storing it failed.
      return reply.code > 500 && reply.code !== 550 && reply.code !== 553 && !denied ? 'EIO' : otherwise
    case 'list':
      return here === 'file' ? 'ENOTDIR' : otherwise
    case 'rmdir':
      if (here === 'file' || (await isLink(remote, call, path))) return 'ENOTDIR'
      if (here === 'directory' && !denied && (isNotEmpty(text) || !(await isEmpty(remote, call, path))))
        return 'ENOTEMPTY'
      return otherwise
    case 'rename':
      return (await renameReason(remote, call, text, path, dest!, here, there!)) ?? otherwise
    case 'stat':
    case 'change':
      return otherwise
  }
}

async function renameReason(
  remote: Remote,
  call: Call,
  text: string,
  path: ByteString,
  dest: ByteString,
  here: PathKind,
  there: PathKind,
): Promise<string | undefined> {
  if (path.startsWith(`${dest}/`)) return 'ENOTEMPTY'
  if (here === 'directory' && dest.startsWith(`${path}/`)) return 'EINVAL'
  if (here === 'file' && there === 'directory') return 'EISDIR'
  if (here === 'directory' && there === 'file') return 'ENOTDIR'
  if (there === 'directory' && (isNotEmpty(text) || !(await isEmpty(remote, call, dest)))) return 'ENOTEMPTY'
  // Servers on Windows refuse to replace a file.
  return there === 'file' && !notPermitted.test(text) ? 'EEXIST' : undefined
}

/** The commands of each operation. */
const verbs: Readonly<Record<RefusedAttempt, readonly string[]>> = {
  stat: ['MLST', 'SIZE'],
  list: ['CWD'],
  read: ['RETR'],
  write: ['STOR'],
  unlink: ['DELE'],
  rmdir: ['RMD'],
  mkdir: ['MKD'],
  rename: ['RNTO'],
  change: ['SITE CHMOD', 'MFMT'],
}

const namesCommand = /unknown|unrecogni[sz]ed|not (?:understood|implemented|supported)/i

/**
 * Whether the server lacks the command: 502 and 504. RFC 959 has 500 for an unrecognised line and
 * 501 for a wrong argument, but servers also send both for a missing command.
 */
function isAboutCommand({ pool }: Remote, attempt: RefusedAttempt, reply: Reply, text: string): boolean {
  if (!isUnknownCommand(reply) || isAboutPath(text)) return false
  if (reply.code === 501) return namesCommand.test(text)
  return reply.code !== 500 || !verbs[attempt].some(verb => pool.server.can.command(verb).proven)
}

/** Whether a name is longer than file systems accept, which not every server reports. */
function hasLongName(path: ByteString): boolean {
  return path.split('/').some(name => name.length > 255)
}

/** The error for a path of which the first ancestor that is no folder has this kind. */
function blockedBy(kinds: readonly PathKind[]): string | undefined {
  const kind = kinds.find(kind => kind !== 'directory')
  if (kind === undefined) return undefined
  return kind === 'file' ? 'ENOTDIR' : kind === 'closed' ? 'EACCES' : 'ENOENT'
}
