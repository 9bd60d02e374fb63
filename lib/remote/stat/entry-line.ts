import type { Question } from '../../pool/question.js'
import { command, type Command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { parseStatReplyLines } from '../../wire/listing/listing.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'

// Longer than any name may be on Linux: no folder is called like the pattern, so that none is listed in its place.
const patternLength = 256

/**
 * The commands that show one entry as a listing shows it: the mode, the owner, and whether it is a link. None where the
 * server would show others with it. Of a folder it may be asked only where `quirks.picksByBraces` holds: elsewhere the
 * server would list what is in it.
 */
export function lineCommands(path: ByteString, { quirks }: ServerProfile): Command[] {
  const folder = dirname(path)
  const name = basename(path)
  if (!quirks.picksByBraces) return [command('STAT', path)]
  if (!canBePicked(name)) return []
  const line = command('STAT', join(folder, pattern(name)))
  // A link in the working directory goes by the name of what it leads to (see picksByBraces).
  return folder === '/' ? [line] : [command('CWD', dirname(folder)), line]
}

/** Whether what they do not show is not there. */
export function showsAll({ pool, options }: Remote, path: ByteString): boolean {
  return (
    !pool.server.quirks.picksByBraces || (lineCommands(path, pool.server).length > 1 && !options.useCwdNames)
  )
}

/** The line in the replies, if they hold one of that name. */
export function shownLine(path: ByteString, replies: readonly Reply[]): ListedEntry | undefined {
  const reply = replies.at(-1)
  if (!reply || !isPositive(reply)) return undefined
  const name = basename(path)
  try {
    // Some servers give the path for the name, and vsftpd 3.0.3 adds links that lead to one. Pure-FTPd 1.0.50 takes a path with a
    // space for two, and shows what the second one names.
    const lines = parseStatReplyLines(reply.lines.slice(1, -1))
    return lines.find(line => line.name === name || line.name.endsWith(path))
  } catch {
    // Not a listing: RFC 959 leaves the form of this reply to the server.
    return undefined
  }
}

/** Asks for the line of what is no folder. */
export function entryLine(path: ByteString): Question<ListedEntry | undefined> {
  return {
    key: `line ${path}`,
    commands: server => lineCommands(path, server),
    answer: replies => shownLine(path, replies),
  }
}

/** In braces `,` divides and `}` ends; `*` and `?` stand for others there, too. */
function canBePicked(name: ByteString): boolean {
  return name !== '' && !/[*?,}]/.test(name)
}

/** What is behind the first empty alternative does not count. */
function pattern(name: ByteString): ByteString {
  return `{${name.padEnd(patternLength - 2, ',')}}`
}
