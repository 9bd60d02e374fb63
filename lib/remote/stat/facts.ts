import type { Question } from '../../pool/question.js'
import type { Call } from '../../pool/call.js'
import { command, type Command } from '../../wire/session/command.js'
import { isMute, mlstEntry } from '../../wire/listing/mlsd-line.js'
import type { ByteString } from '../../wire/names/names.js'
import { isNoCommand, isPositive, isUnknownCommand, parseSize, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { enteredEntry } from './entered.js'
import type { PathFacts } from './path-facts.js'
import { mdtmTime } from '../time/mdtm.js'
import { inMdtmZone } from '../time/mdtm-zone.js'
import { refuseOtherNames } from '../names/other-names.js'
import type { Remote } from '../remote.js'

/** The entry at the path, after checks of replies that may be wrong. */
export async function checkedFacts(remote: Remote, call: Call, path: ByteString): Promise<PathFacts> {
  await refuseOtherNames(remote, call, path)
  const told = await ask(remote, call, facts(path))
  const found = told.mute ? await ask(remote, call, withoutMlst(path, told.refusal)) : told
  return believed(remote, call, path, await inMdtmZone(remote, call, path, found))
}

/** The result, corrected if CWD succeeds for an entry that is not a folder. */
async function believed(remote: Remote, call: Call, path: ByteString, found: PathFacts): Promise<PathFacts> {
  const { info, size, refusal, byMlst } = found
  if (info?.type !== 'directory' || byMlst) return found
  const shown = await enteredEntry(remote, call, path, size !== undefined)
  if (shown?.type === 'directory') return found
  if (!shown) return { refusal }
  return { info: { ...info, ...shown, size: size ?? shown.size, mtime: info.mtime ?? shown.mtime }, refusal }
}

/** Asks for the entry in one flight, by MLST, or else by SIZE, MDTM and CWD. */
export function facts(path: ByteString): Question<PathFacts> {
  return {
    key: `facts ${path}`,
    commands: server => factCommands(path, server),
    answer: (replies, server, _, sent) => factsIn(replies, sent, server),
  }
}

/** Asks by SIZE, MDTM and CWD after MLST gave no answer. */
function withoutMlst(path: ByteString, refusal: Reply): Question<PathFacts> {
  return {
    key: `facts without MLST ${path}`,
    commands: () => sizeAndTime(path),
    answer: (replies, server) => {
      const found = fromSizeAndTime(replies, server)
      if (contradicts(found, refusal)) server.can.mlst.fail()
      return found
    },
  }
}

/** Until MLST suffices, the other commands go along: a failure of MLST costs no further flight. */
export function factCommands(path: ByteString, { can: { mlst } }: ServerProfile): Command[] {
  const asked = mlst.usable ? [command('MLST', path)] : []
  return mlst.suffices ? asked : [...asked, ...sizeAndTime(path)]
}

/** The result in the replies to `factCommands`. Also learns whether MLST works. */
export function factsIn(
  replies: readonly Reply[],
  sent: readonly Command[],
  server: ServerProfile,
): PathFacts {
  if (sent[0]!.verb !== 'MLST') return fromSizeAndTime(replies, server)
  const { mlst } = server.can
  const refusal = replies[0]!
  const info = mlstEntry(refusal)
  if (info) {
    mlst.succeed()
    return { info, refusal, byMlst: true }
  }
  const mute = isMute(refusal, mlst)
  if (sent[1]?.verb !== 'SIZE') return mute ? { refusal, mute } : { refusal, byMlst: true }
  const found = fromSizeAndTime(replies.slice(1), server)
  if (contradicts(found, refusal)) mlst.fail()
  return found.info || mute ? found : { refusal, byMlst: true }
}

/** Whether the result proves that MLST has failed. CWD alone may succeed for any path. */
function contradicts({ info }: PathFacts, refusal: Reply): boolean {
  return info !== undefined && (info.type === 'file' || isPositive(refusal) || isUnknownCommand(refusal))
}

export function sizeAndTime(path: ByteString): Command[] {
  return [command('SIZE', path), command('MDTM', path), command('CWD', path)]
}

export function fromSizeAndTime([size, time, directory]: readonly Reply[], server: ServerProfile): PathFacts {
  const mtime = mdtmTime(time!, server)
  const bytes = parseSize(size!)
  const refusal = size!
  // SIZE of ftp-srv 4.6.3 and others succeeds for a folder too, so CWD decides.
  if (isPositive(directory!)) return { info: { type: 'directory', mtime }, refusal, size: bytes }
  if (bytes !== undefined) return { info: { type: 'file', size: bytes, mtime }, refusal }
  return { refusal, mtime, noCwd: isNoCommand(directory!) }
}
