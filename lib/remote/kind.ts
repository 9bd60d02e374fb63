import type { Ask } from '../pool/ask.js'
import { command, type Command } from '../wire/commands.js'
import { parseMlstReply } from '../wire/facts.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, type Reply } from '../wire/replies.js'
import type { ServerProfile } from '../wire/server-profile.js'

/** What stands at a path; `closed`: something that the server will not show. */
export type PathKind = 'file' | 'directory' | 'missing' | 'closed'

/** Asks what stands at each of the paths, links followed, in one flight. */
export function kindsOf(paths: readonly ByteString[]): Ask<PathKind[]> {
  return {
    commands: server => paths.flatMap(path => probe(path, server)),
    answer: (replies, server) =>
      paths.map((_, index) => kind(replies.slice(index * 4, index * 4 + 4), server)),
  }
}

// RNFR is refused for what does not exist and changes nothing by itself: it shows what SIZE and CWD may not enter.
function probe(path: ByteString, server: ServerProfile): Command[] {
  const exists = command('RNFR', path)
  const facts = server.listsFacts ? command('MLST', path) : exists
  return [command('SIZE', path), facts, exists, command('CWD', path)]
}

function kind([size, facts, exists, directory]: Reply[], server: ServerProfile): PathKind {
  if (isPositive(directory!)) return 'directory'
  if (isPositive(size!)) return 'file'
  if (server.listsFacts && isPositive(facts!)) {
    const { type } = parseMlstReply(facts!.lines.slice(1, -1))
    return type === 'directory' ? 'closed' : 'file'
  }
  return isPositive(exists!) ? 'closed' : 'missing'
}
