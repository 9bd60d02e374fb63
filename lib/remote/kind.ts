import type { Ask } from '../pool/ask.js'
import type { Call } from '../pool/call.js'
import { command, type Command } from '../wire/commands.js'
import { parseMlstReply } from '../wire/facts.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, isUnknownCommand, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { ask } from './ask.js'
import { entered, listed } from './entered.js'
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
  /** The server has no SIZE: a file that cannot be entered looks as if nothing were there. */
  readonly untold: boolean
}

/** Asks what stands at each of the paths, links followed, in one flight. */
export function kindsOf(paths: readonly ByteString[]): Ask<PathKind[]> {
  const { key, commands, answer } = probes(paths)
  return { key, commands, answer: (...given) => answer(...given).map(({ kind }) => kind) }
}

/** As `kindsOf`; where CWD and SIZE leave it in doubt, the listing of the folder above decides. */
export async function kindsAt(remote: Remote, call: Call, paths: readonly ByteString[]): Promise<PathKind[]> {
  const probed = await ask(remote, call, probes(paths))
  const { kind: server, can } = remote.pool.server
  if (server !== 'unknown' || can.mlst.usable) return probed.map(({ kind }) => kind)
  return Promise.all(
    probed.map(async ({ kind, sized, untold }, index) => {
      const path = paths[index]!
      if (kind === 'directory') return kindIn(await entered(remote, call, path, sized))
      return kind === 'missing' && untold ? kindIn(await listed(remote, call, path)) : kind
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
    answer: (replies, server) => {
      const each = replies.length / paths.length
      return paths.map((_, index) => {
        const own = replies.slice(index * each, (index + 1) * each)
        const size = own[1]!
        return { kind: kind(own, server), sized: isPositive(size), untold: isUnknownCommand(size) }
      })
    },
  }
}

function probe(path: ByteString, server: ServerProfile): Command[] {
  const probes = [command('CWD', path), command('SIZE', path)]
  if (server.can.mlst.usable) probes.push(command('MLST', path))
  else if (server.quirks.probesByRnfr) probes.push(command('RNFR', path))
  if (server.can.mlst.usable && server.quirks.delaysFailedCwd) probes.push(command('CWD', '/'))
  return probes
}

function kind([directory, size, existing]: Reply[], server: ServerProfile): PathKind {
  if (isPositive(directory!)) return 'directory'
  if (isPositive(size!)) return 'file'
  if (!existing || !isPositive(existing)) return 'missing'
  if (!server.can.mlst.usable) return 'closed'
  const { type } = parseMlstReply(existing.lines.slice(1, -1))
  if (type === 'link') return 'dangling'
  if (type !== 'directory') return 'file'
  // A server without CWD closes none.
  return directory!.code === 500 || directory!.code === 502 ? 'directory' : 'closed'
}
