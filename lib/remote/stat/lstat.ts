import type { Question } from '../../pool/question.js'
import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import type { EntryInfo } from '../entry.js'
import { entryLine, lineCommands, showsAll, shownLine } from './entry-line.js'
import { inListing, isLink } from './is-link.js'
import type { Remote } from '../remote.js'
import { inUtc, knowsOffset, learnOffsetFrom } from '../time/server-time.js'
import { factCommands, facts, factsIn, checkedFacts } from './facts.js'
import type { PathFacts } from './path-facts.js'
import { mayBeLink, otherwise } from './stat.js'

/**
 * As `statPath`, but for a link itself. `typeOnly`: the caller needs only the type, which takes
 * fewer questions on some servers. `asked`: the answer to `facts`, if the caller already has it.
 */
export async function lstatPath(
  remote: Remote,
  call: Call,
  path: ByteString,
  typeOnly = false,
  asked?: PathFacts,
): Promise<EntryInfo> {
  const { server } = remote.pool
  if (showsLines(server) && path !== '/') return byLine(remote, call, path, typeOnly, asked)
  const found = asked ?? (await checkedFacts(remote, call, path))
  // Meanwhile the first login may have identified the server.
  if (showsLines(server) && path !== '/') return byLine(remote, call, path, typeOnly, found)
  const { info, byMlst } = found
  if (path === '/' || info?.type === 'link') return info ?? otherwise(remote, call, path, found)
  if (info && byMlst && !mayBeLink(info, server)) return info
  if (info?.type === 'directory') {
    // Without MLST, only the listing shows the mode and the time of a folder.
    const telling = !byMlst && (server.kind === 'unknown' || !typeOnly)
    const shown = telling ? await inListing(remote, call, path, () => !typeOnly) : undefined
    if (shown || server.kind === 'unknown') return shown ?? info
    if (!(await isLink(remote, call, path))) return info
    // The other facts are those of the link, except for `unique`.
    return server.quirks.mixesLinks ? { ...info, type: 'link', unique: undefined } : { type: 'link' }
  }
  // Only this line shows a dangling link.
  const listed = await ask(remote, call, entryLine(path))
  if (!info) {
    return listed ? { ...described(listed), mtime: undefined } : otherwise(remote, call, path, found)
  }
  if (listed) {
    const entry = { ...info, ...described(listed) }
    if (typeOnly || info.mtime !== undefined) return { ...entry, mtime: info.mtime }
    return inUtc(remote, call, dirname(path), entry, [listed])
  }
  // MDTM and SIZE are exact, but they follow a link.
  const { mtime } = info
  const needsTime = ({ type }: EntryInfo): boolean => !typeOnly && (type !== 'file' || mtime === undefined)
  const shown = await inListing(remote, call, path, needsTime)
  return shown?.type === 'file' ? { ...shown, ...info, mtime: mtime ?? shown.mtime } : (shown ?? info)
}

/**
 * `lstat` on a server that can show the line of any single entry. It takes one flight; for many
 * entries of one folder, also its listing.
 */
async function byLine(
  remote: Remote,
  call: Call,
  path: ByteString,
  typeOnly: boolean,
  asked?: PathFacts,
): Promise<EntryInfo> {
  const folder = dirname(path)
  const name = basename(path)
  const { many, shown } = await remote.statGroups.join(remote, folder, name)
  const listing = () => call.untilCancelled(shown())
  const alone = () => ask(remote, call, entryLine(path))
  let found: Own
  if (many) {
    const [told, all] = await Promise.all([asked ?? ask(remote, call, facts(path)), listing()])
    found = { ...told, line: all?.lines.get(name) ?? (await alone()) }
  } else {
    found = asked ? { ...asked, line: await alone() } : await ask(remote, call, ownFacts(path))
    if (!found.line && !showsAll(remote, path)) found.line = (await listing())?.lines.get(name)
  }
  const { info, line } = found
  if (!line) return info ?? otherwise(remote, call, path, found)
  const entry = described(line)
  // SIZE and MDTM are exact, but they follow a link.
  if (entry.type === 'file' && info?.mtime !== undefined) return { ...entry, mtime: info.mtime }
  if (typeOnly) return { ...entry, mtime: undefined }
  const files = knowsOffset(remote) ? [] : ((await listing())?.files ?? [])
  return inUtc(remote, call, folder, entry, files)
}

function showsLines({ quirks, can }: ServerProfile): boolean {
  return quirks.picksByBraces === true && !can.mlst.usable
}

/** The facts with links followed, and the line of the entry itself. */
interface Own extends PathFacts {
  line?: ListedEntry | undefined
}

function ownFacts(path: ByteString): Question<Own> {
  return {
    key: `own facts ${path}`,
    commands: server => [...factCommands(path, server), ...lineCommands(path, server)],
    answer: (replies, server, _, sent) => {
      const count = sent.length - lineCommands(path, server).length
      const found = factsIn(replies.slice(0, count), sent.slice(0, count), server)
      const line = shownLine(path, replies.slice(count))
      if (line && found.info) learnOffsetFrom(server, line, found.info.mtime)
      return { ...found, line }
    },
  }
}

/** The facts of a line, without the name. */
function described({ type, mode, uid, gid, nlink, size, target, mtime }: ListedEntry): EntryInfo {
  return { type, mode, uid, gid, nlink, size, target, mtime }
}
