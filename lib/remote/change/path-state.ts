import { command, type Command } from '../../wire/session/command.js'
import { isMute, mlstEntry } from '../../wire/listing/mlsd-line.js'
import { dirname, type ByteString } from '../../wire/names/names.js'
import type { Quirks } from '../../wire/server/quirks.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { stateIn } from '../write/file-state.js'

/** An entry at a path. */
export interface Present {
  /** The server's facts, which distinguish the entry from another. Empty if there are none. */
  readonly facts: string
  /** The number of the file (RFC 3659, section 7.5.2). */
  readonly unique?: string | undefined
}

/**
 * What a question has shown of a path. `unseen`: the server refused it, but not in words that mean
 * a missing path. `unknown`: it was not sent, or the server lacks the command.
 */
export type PathState = Present | 'missing' | 'unseen' | 'unknown'

/** An existing entry of which nothing more is known. */
export const something: Present = { facts: '' }

/**
 * Questions that can precede a change: they change nothing, and every known server answers them
 * quickly. The first one shows whether the path exists: the others may be lost with the reply to
 * the change. `folder`: the change makes or removes a folder. If false, a file.
 */
export function pathStateCommands(
  path: ByteString,
  folder: boolean,
  { can: { mlst }, quirks }: ServerProfile,
): Command[] {
  const first = mlst.usable ? [command('MLST', path)] : []
  return mlst.certain ? first : [...first, ...withoutMlst(path, folder, quirks)]
}

function withoutMlst(path: ByteString, folder: boolean, quirks: Quirks): Command[] {
  const file = folder ? [] : [command('SIZE', path), command('MDTM', path)]
  if (quirks.probesByRnfr) return [command('RNFR', path), ...file]
  // A server may refuse to remove its working directory.
  return folder ? [command('CWD', path), command('CWD', dirname(path))] : file
}

/** What the replies to `standingCommands` show. Only the first ones may have arrived. */
export function pathStateIn(
  replies: readonly Reply[],
  sent: readonly Command[],
  folder: boolean,
  { can, quirks }: ServerProfile,
): PathState {
  const [first, ...others] = replies
  if (!first) return 'unknown'
  if (sent[0]!.verb === 'MLST') {
    if (mlstEntry(first)) return described(first)
    if (!isMute(first, can.mlst)) return unlessSeen(first, quirks.mixesLinks)
    return withoutMlstIn(others, folder, quirks)
  }
  return withoutMlstIn(replies, folder, quirks)
}

function withoutMlstIn(replies: readonly Reply[], folder: boolean, quirks: Quirks): PathState {
  const [first, ...others] = replies
  if (!first) return 'unknown'
  if (quirks.probesByRnfr) return isPositive(first) ? timed(others) : unlessSeen(first, true)
  if (isPositive(first)) return folder ? something : timed(replies)
  return unlessSeen(first, folder)
}

/** The entry that MLST reports. */
function described({ lines }: Reply): Present {
  const facts = lines.slice(1, -1).join('\n').trim()
  return { facts, unique: /\bunique=([^;]+);/i.exec(facts)?.[1] }
}

/** The entry with the facts of SIZE and MDTM, or without facts unless both replied. */
function timed(replies: readonly Reply[]): Present {
  const [size, time] = replies
  return size && time && isPositive(size) ? { facts: `${replyText(size)} ${replyText(time)}` } : something
}

/**
 * What a refusal shows. `plain`: the server refuses a missing path in words that do not say so, as
 * RNFR of vsftpd 3.0.3 and MLST of ProFTPD 1.3.8 do, and as any server may do with a folder.
 */
function unlessSeen(reply: Reply, plain: boolean): PathState {
  if (reply.code < 500 || isUnknownCommand(reply)) return 'unknown'
  const denied = /denied|not (?:allowed|permitted)/i.test(replyText(reply))
  return stateIn([reply]) === 'missing' || (plain && !denied) ? 'missing' : 'unseen'
}
