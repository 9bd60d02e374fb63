import type { Ask } from '../pool/ask.js'
import { command, type Command } from '../wire/commands.js'
import { parseMlstReply } from '../wire/facts.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'

/**
 * What stands at a path; `closed`: something that the server will not open or enter; `dangling`: a link to
 * nothing.
 */
export type PathKind = 'file' | 'directory' | 'missing' | 'closed' | 'dangling'

/** Asks what stands at each of the paths, links followed, in one flight. */
export function kindsOf(paths: readonly ByteString[]): Ask<PathKind[]> {
  return {
    key: `kinds ${paths.join('\0')}`,
    commands: server => paths.flatMap(path => probe(path, server)),
    answer: (replies, server) => {
      const each = replies.length / paths.length
      return paths.map((_, index) => kind(replies.slice(index * each, (index + 1) * each), server))
    },
  }
}

function probe(path: ByteString, server: ServerProfile): Command[] {
  const probes = [command('CWD', path), command('SIZE', path)]
  if (server.listsFacts) probes.push(command('MLST', path))
  else if (server.quirks.probesByRnfr) probes.push(command('RNFR', path))
  if (server.listsFacts && server.quirks.delaysFailedCwd) probes.push(command('CWD', '/'))
  return probes
}

function kind([directory, size, existing]: Reply[], server: ServerProfile): PathKind {
  if (isPositive(directory!)) return 'directory'
  if (isPositive(size!)) return 'file'
  if (!existing || !isPositive(existing)) return 'missing'
  if (!server.listsFacts) return 'closed'
  const { type } = parseMlstReply(existing.lines.slice(1, -1))
  if (type === 'link') return 'dangling'
  return type === 'directory' ? 'closed' : 'file'
}
