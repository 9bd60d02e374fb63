import type { Question } from '../../pool/question.js'
import { command, type Command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { parseStatReplyLines } from '../../wire/listing/listing.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'

// Longer than the longest name on Linux: no folder can have the pattern itself as its name and be
// listed instead.
const patternLength = 256

/**
 * The commands that show the line of one entry, with its mode, owner and link target. None if the
 * server would show other entries with it. Only with `quirks.picksByBraces` does this work for
 * folders: other servers would list their content.
 */
export function lineCommands(path: ByteString, { quirks }: ServerProfile): Command[] {
  const folder = dirname(path)
  const name = basename(path)
  if (!quirks.picksByBraces) return [command('STAT', path)]
  if (!canBePicked(name)) return []
  const line = command('STAT', join(folder, pattern(name)))
  // In the working directory, the server names a link after its target (see picksByBraces).
  return folder === '/' ? [line] : [command('CWD', dirname(folder)), line]
}

/** Whether an entry that these commands do not show does not exist. */
export function showsAll({ pool, options }: Remote, path: ByteString): boolean {
  return (
    !pool.server.quirks.picksByBraces || (lineCommands(path, pool.server).length > 1 && !options.useCwdNames)
  )
}

/** The line with the name of the path in the replies, if any. */
export function shownLine(path: ByteString, replies: readonly Reply[]): ListedEntry | undefined {
  const reply = replies.at(-1)
  if (!reply || !isPositive(reply)) return undefined
  const name = basename(path)
  try {
    // Some servers show the path instead of the name, and vsftpd 3.0.3 adds links that lead to one.
    // Pure-FTPd 1.0.50 takes a path with a space for two paths, and shows the second one.
    const lines = parseStatReplyLines(reply.lines.slice(1, -1))
    return lines.find(line => line.name === name || line.name.endsWith(path))
  } catch {
    // Not a listing: RFC 959 does not define the form of this reply.
    return undefined
  }
}

/** Asks for the line of an entry that is not a folder. */
export function entryLine(path: ByteString): Question<ListedEntry | undefined> {
  return {
    key: `line ${path}`,
    commands: server => lineCommands(path, server),
    answer: replies => shownLine(path, replies),
  }
}

/** In braces, `,` separates, `}` ends, and `*` and `?` are wildcards. */
function canBePicked(name: ByteString): boolean {
  return name !== '' && !/[*?,}]/.test(name)
}

/** The server ignores everything after the first empty alternative. */
function pattern(name: ByteString): ByteString {
  return `{${name.padEnd(patternLength - 2, ',')}}`
}
