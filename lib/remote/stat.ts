import type { Ask } from '../pool/ask.js'
import type { Call } from '../pool/call.js'
import { command } from '../wire/commands.js'
import { parseMlstReply } from '../wire/facts.js'
import { parseStatReplyLines } from '../wire/listing.js'
import { dirname, basename, type ByteString } from '../wire/names.js'
import { isPositive, isUnknownCommand, quotedPath, replyText, type Reply } from '../wire/replies.js'
import { parseTimeVal } from '../wire/time-val.js'
import type { EntryInfo } from './entry.js'
import { list } from './list.js'
import { explain } from './refusal.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'

/** What is at the path, a link at its end followed. Throws a RefusedError: ENOENT, ENOTDIR, EACCES, ELOOP. */
export async function stat(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo> {
  const found = await remote.pool.ask(call, facts(path))
  if (found.info && found.info.type !== 'link') return found.info
  if (found.info) return followed(remote, call, path, found.info)
  return otherwise(remote, call, path, found.refusal)
}

/** As `stat`, for a link itself. */
export async function lstat(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo> {
  const { server } = remote.pool
  const found = await remote.pool.ask(call, facts(path))
  if (!found.info) return otherwise(remote, call, path, found.refusal)
  if (server.listsFacts || path === '/') return found.info
  if (found.info.type === 'directory')
    return (await remote.pool.ask(call, isLink(path))) ? { type: 'link' } : found.info
  return { ...found.info, ...(await remote.pool.ask(call, listedFile(path))) }
}

/** The size of a file, or undefined when there is no such file. */
export async function sizeOf(remote: Remote, call: Call, path: ByteString): Promise<number | undefined> {
  try {
    const { type, size } = await stat(remote, call, path)
    return type === 'directory' ? undefined : size
  } catch (error) {
    if (error instanceof RefusedError && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

/** The size in a 213 reply to SIZE (RFC 3659, section 4). */
export function parseSize(reply: Reply): number | undefined {
  const text = replyText(reply)
  return reply.code === 213 && /^\d+$/.test(text) ? Number(text) : undefined
}

interface Found {
  info?: EntryInfo
  refusal: Reply
}

function facts(path: ByteString): Ask<Found> {
  return {
    commands: server =>
      server.listsFacts
        ? [command('MLST', path)]
        : [command('SIZE', path), command('MDTM', path), command('CWD', path)],
    answer: (replies, server) => {
      if (!server.listsFacts) return fromSizeAndTime(replies)
      const refusal = replies[0]!
      return isPositive(refusal) ? { info: parseMlstReply(refusal.lines.slice(1, -1)), refusal } : { refusal }
    },
  }
}

function fromSizeAndTime([size, time, directory]: Reply[]): Found {
  const mtime = time!.code === 213 ? parseTimeVal(replyText(time!)) : undefined
  const bytes = parseSize(size!)
  const refusal = size!
  // ftp-srv 4.6.3 and others answer SIZE for a folder too: what can be entered is one.
  if (isPositive(directory!)) return { info: { type: 'directory', mtime }, refusal }
  if (bytes !== undefined) return { info: { type: 'file', size: bytes, mtime }, refusal }
  return { refusal }
}

/** Pure-FTPd and ProFTPD describe the link itself in MLST: SIZE, MDTM and CWD follow it. */
async function followed(remote: Remote, call: Call, path: ByteString, link: EntryInfo): Promise<EntryInfo> {
  const target = await remote.pool.ask(call, {
    commands: () => [command('SIZE', path), command('MDTM', path), command('CWD', path)],
    answer: fromSizeAndTime,
  })
  if (target.info) return { ...target.info, unique: link.unique }
  throw await explain(remote, call, 'stat', target.refusal, path)
}

/** Neither SIZE nor CWD found it: it is not there, or the server has no SIZE, so that the folder's listing has to tell. */
async function otherwise(remote: Remote, call: Call, path: ByteString, refusal: Reply): Promise<EntryInfo> {
  if (!isUnknownCommand(refusal) || remote.pool.server.listsFacts || path === '/') {
    throw await explain(remote, call, 'stat', refusal, path)
  }
  const entries = await list(remote, call, dirname(path))
  const entry = entries.find(({ name }) => name === basename(path))
  if (!entry) throw new RefusedError('ENOENT', refusal)
  return entry
}

/** `STAT file` gives the line of a listing: the mode, the owner, and whether it is a link. */
function listedFile(path: ByteString): Ask<Partial<EntryInfo>> {
  return {
    commands: () => [command('STAT', path)],
    answer: ([reply]) => {
      if (!reply || !isPositive(reply)) return {}
      try {
        const [line, ...more] = parseStatReplyLines(reply.lines.slice(1, -1))
        if (!line || more.length > 0) return {}
        const { type, mode, uid, gid, nlink } = line
        return { type, mode, uid, gid, nlink }
      } catch {
        // Not a listing: RFC 959 leaves the form of this reply to the server.
        return {}
      }
    },
  }
}

/** A folder whose PWD is not what was entered is a link: vsftpd 3.0.3 has no other way to tell. */
function isLink(path: ByteString): Ask<boolean> {
  return {
    commands: () => [command('CWD', dirname(path)), command('PWD'), command('CWD', path), command('PWD')],
    answer: ([, above, entered, here], server) => {
      const folder = quotedPath(above!, server.quirks.doublesQuotes)
      const actual = quotedPath(here!, server.quirks.doublesQuotes)
      if (!isPositive(entered!) || folder === undefined || actual === undefined) return false
      return actual !== `${folder === '/' ? '' : folder}/${basename(path)}`
    },
  }
}
