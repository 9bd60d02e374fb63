import type { Question } from '../../pool/question.js'
import { command, type Command } from '../../wire/session/command.js'
import { isMute, mlstEntry } from '../../wire/listing/mlsd-line.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { isNoCommand, isPositive, isUnknownCommand, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'

/**
 * The kind of entry at a path. `closed`: the server refuses to open or enter it. `dangling`: a link
 * to a missing path.
 */
export type PathKind = 'file' | 'directory' | 'missing' | 'closed' | 'dangling'

/** The kind of a path, and the reasons for doubt. */
export interface Probed {
  readonly kind: PathKind
  /** SIZE succeeded. */
  readonly sized: boolean
  /** The server has no SIZE or no CWD: a file or a folder looks missing. */
  readonly untold: boolean
  /** MLST has answered. */
  readonly byMlst: boolean
  /** CWD got a 4yz reply, which servers send for a missing folder and for a busy one. */
  readonly busy: boolean
  /** CWD succeeded for a path that MLST reports as a file. */
  readonly contrary: boolean
}

/** Asks for the kind of each path, with links followed, in one flight. */
export function kindsOf(paths: readonly ByteString[]): Question<PathKind[]> {
  const { key, commands, answer } = probes(paths)
  return { key, commands, answer: (...given) => answer(...given).map(({ kind }) => kind) }
}

/** Asks for the kind of each path and the reasons for doubt, in one flight. */
export function probes(paths: readonly ByteString[]): Question<Probed[]> & { key: string } {
  return {
    key: `kinds ${paths.join('\0')}`,
    commands: server => paths.flatMap(path => probe(path, server)),
    answer: (replies, server, _, sent) => {
      const each = replies.length / paths.length
      return paths.map((_, index) => {
        const own = replies.slice(index * each, (index + 1) * each)
        return probed(own, sent[2]?.verb === 'MLST', server)
      })
    },
  }
}

function probe(path: ByteString, server: ServerProfile): Command[] {
  const probes = [command('CWD', path), command('SIZE', path)]
  const { usable } = server.can.mlst
  if (usable) probes.push(command('MLST', path))
  else if (server.quirks.probesByRnfr) probes.push(command('RNFR', path))
  if (usable && server.quirks.delaysFailedCwd) probes.push(command('CWD', '/'))
  return probes
}

function probed(replies: Reply[], byMlst: boolean, { can: { mlst } }: ServerProfile): Probed {
  const [directory, size, third] = replies
  const sized = isPositive(size!)
  const told = byMlst ? mlstEntry(third!) : undefined
  const isEntered = isPositive(directory!)
  if (told) mlst.succeed()
  const mute = byMlst && !told && isMute(third!, mlst)
  // CWD alone may succeed for any path.
  if (mute && sized) mlst.fail()
  return {
    kind: kindTold(replies, byMlst, told),
    sized,
    untold: isUnknownCommand(size!) || isNoCommand(directory!),
    byMlst: told !== undefined || (byMlst && !mute && !isEntered),
    busy: directory!.code >= 400 && directory!.code < 500,
    contrary: isEntered && told?.type === 'file',
  }
}

function kindTold([directory, size, third]: Reply[], byMlst: boolean, told?: ListedEntry): PathKind {
  if (isPositive(directory!)) return 'directory'
  if (isPositive(size!)) return 'file'
  if (!told) return third && !byMlst && isPositive(third) ? 'closed' : 'missing'
  if (told.type === 'link') return 'dangling'
  if (told.type !== 'directory') return 'file'
  // Without CWD, no folder counts as closed.
  return isNoCommand(directory!) ? 'directory' : 'closed'
}
