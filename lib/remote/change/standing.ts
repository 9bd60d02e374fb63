import { command, type Command } from '../../wire/session/command.js'
import { isMute, mlstEntry } from '../../wire/listing/mlsd-line.js'
import { dirname, type ByteString } from '../../wire/names/names.js'
import type { Quirks } from '../../wire/server/quirks.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { stateIn } from '../write/file-state.js'

/** Something that stands at a path. */
export interface Present {
  /**
   * What the server told of it, by which another thing is told from it; empty where it told
   * nothing.
   */
  readonly facts: string
  /** The number of the file (RFC 3659, section 7.5.2). */
  readonly unique?: string | undefined
}

/**
 * What a question has told of a path. `unseen`: it was refused in words that do not say that
 * nothing is there. `unknown`: it was not asked, or the server has no such question.
 */
export type Standing = Present | 'missing' | 'unseen' | 'unknown'

/** What stands there, of which nothing more is known. */
export const something: Present = { facts: '' }

/**
 * Questions that change nothing and that no known server takes long to answer: they can go in front
 * of a change. `folder`: a folder is made or removed, else a file. The first one tells whether
 * something is there: the others may be lost with the reply to the change.
 */
export function standingCommands(
  path: ByteString,
  folder: boolean,
  { can: { mlst }, quirks }: ServerProfile,
): Command[] {
  const told = mlst.usable ? [command('MLST', path)] : []
  return mlst.certain ? told : [...told, ...withoutMlst(path, folder, quirks)]
}

function withoutMlst(path: ByteString, folder: boolean, quirks: Quirks): Command[] {
  const file = folder ? [] : [command('SIZE', path), command('MDTM', path)]
  if (quirks.probesByRnfr) return [command('RNFR', path), ...file]
  // A server may refuse to remove the folder in which it is.
  return folder ? [command('CWD', path), command('CWD', dirname(path))] : file
}

/** What the replies to `standingCommands` say, or the first of them. */
export function standingIn(
  replies: readonly Reply[],
  sent: readonly Command[],
  folder: boolean,
  { can, quirks }: ServerProfile,
): Standing {
  const [first, ...others] = replies
  if (!first) return 'unknown'
  if (sent[0]!.verb === 'MLST') {
    if (mlstEntry(first)) return described(first)
    if (!isMute(first, can.mlst)) return unlessSeen(first, quirks.mixesLinks)
    return withoutMlstIn(others, folder, quirks)
  }
  return withoutMlstIn(replies, folder, quirks)
}

function withoutMlstIn(replies: readonly Reply[], folder: boolean, quirks: Quirks): Standing {
  const [first, ...others] = replies
  if (!first) return 'unknown'
  if (quirks.probesByRnfr) return isPositive(first) ? timed(others) : unlessSeen(first, true)
  if (isPositive(first)) return folder ? something : timed(replies)
  return unlessSeen(first, folder)
}

/** What MLST has told. */
function described({ lines }: Reply): Present {
  const facts = lines.slice(1, -1).join('\n').trim()
  return { facts, unique: /\bunique=([^;]+);/i.exec(facts)?.[1] }
}

/** What SIZE and MDTM have told of what is there; nothing, unless both have been answered. */
function timed(replies: readonly Reply[]): Present {
  const [size, time] = replies
  return size && time && isPositive(size) ? { facts: `${replyText(size)} ${replyText(time)}` } : something
}

/**
 * What a refusal says. `plain`: the server refuses what is not there in words that do not say so,
 * as RNFR of vsftpd 3.0.3 and MLST of ProFTPD 1.3.8 do, and as any may do with a folder.
 */
function unlessSeen(reply: Reply, plain: boolean): Standing {
  if (reply.code < 500 || isUnknownCommand(reply)) return 'unknown'
  const denied = /denied|not (?:allowed|permitted)/i.test(replyText(reply))
  return stateIn([reply]) === 'missing' || (plain && !denied) ? 'missing' : 'unseen'
}
