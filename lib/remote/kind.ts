import type { Ask } from '../pool/ask.js'
import type { Call } from '../pool/call.js'
import { command, type Command } from '../wire/commands.js'
import { mlstEntry } from '../wire/facts.js'
import type { ListedEntry } from '../wire/listed-entry.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, isUnknownCommand, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { ask } from './ask.js'
import { entered, entersAnything, listed } from './entered.js'
import { isMute, lacksCwd } from './facts.js'
import type { Remote } from './remote.js'

/**
 * What stands at a path; `closed`: something that the server will not open or enter; `dangling`: a link to
 * nothing.
 */
export type PathKind = 'file' | 'directory' | 'missing' | 'closed' | 'dangling'

/** What is told of a path, and what leaves it in doubt. */
interface Probed {
  readonly kind: PathKind
  /** SIZE has told a size. */
  readonly sized: boolean
  /** The server has no SIZE or no CWD: a file or a folder looks as if nothing were there. */
  readonly untold: boolean
  /** MLST has told it. */
  readonly byMlst: boolean
  /** CWD was refused by 4yz, which servers say of what is missing, and of what is in use. */
  readonly busy: boolean
  /** CWD has entered what MLST says is a file. */
  readonly contrary: boolean
}

/** Asks what stands at each of the paths, links followed, in one flight. */
export function kindsOf(paths: readonly ByteString[]): Ask<PathKind[]> {
  const { key, commands, answer } = probes(paths)
  return { key, commands, answer: (...given) => answer(...given).map(({ kind }) => kind) }
}

/** As `kindsOf`; where CWD and SIZE leave it in doubt, the listing of the folder above decides. */
export async function kindsAt(remote: Remote, call: Call, paths: readonly ByteString[]): Promise<PathKind[]> {
  const probed = await ask(remote, call, probes(paths))
  if (remote.pool.server.kind !== 'unknown') return probed.map(({ kind }) => kind)
  return Promise.all(
    probed.map(async ({ kind, sized, untold, byMlst, busy, contrary }, index) => {
      if (contrary) return (await entersAnything(remote, call)) ? 'file' : kind
      if (byMlst) return kind
      const path = paths[index]!
      if (kind === 'directory') return kindIn(await entered(remote, call, path, sized))
      if (kind !== 'missing' || path === '/' || !(untold || busy)) return kind
      const shown = kindIn(await listed(remote, call, path))
      return busy && shown === 'directory' ? 'closed' : shown
    }),
  )
}

function kindIn(entry: { readonly type: string } | undefined): PathKind {
  return !entry ? 'missing' : entry.type === 'directory' ? 'directory' : 'file'
}

function probes(paths: readonly ByteString[]): Ask<Probed[]> & { key: string } {
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

function probed([directory, size, third]: Reply[], byMlst: boolean, server: ServerProfile): Probed {
  const sized = isPositive(size!)
  const told = byMlst ? mlstEntry(third!) : undefined
  const isEntered = isPositive(directory!)
  if (told) server.can.mlst.succeed()
  const mute = byMlst && !told && isMute(third!, server.can.mlst)
  // CWD alone may be positive for anything.
  if (mute && sized) server.can.mlst.fail()
  return {
    kind: isEntered
      ? 'directory'
      : sized
        ? 'file'
        : told
          ? kindOf(told, directory!)
          : kindOfClosed(third, byMlst),
    sized,
    untold: isUnknownCommand(size!) || lacksCwd(directory!),
    byMlst: told !== undefined || (byMlst && !mute && !isEntered),
    busy: directory!.code >= 400 && directory!.code < 500,
    contrary: isEntered && told?.type === 'file',
  }
}

/** What can neither be entered nor has a size. */
function kindOf({ type }: ListedEntry, reply: Reply): PathKind {
  if (type === 'link') return 'dangling'
  if (type !== 'directory') return 'file'
  // A server without CWD closes none.
  return lacksCwd(reply) ? 'directory' : 'closed'
}

/** As `kindOf`, where RNFR alone has been asked. */
function kindOfClosed(existing: Reply | undefined, byMlst: boolean): PathKind {
  return existing && !byMlst && isPositive(existing) ? 'closed' : 'missing'
}
