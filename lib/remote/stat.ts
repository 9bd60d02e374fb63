import type { Ask } from '../pool/ask.js'
import type { Call } from '../pool/call.js'
import { command, type Command } from '../wire/commands.js'
import { parseMlstReply } from '../wire/facts.js'
import { dirname, basename, type ByteString } from '../wire/names.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from '../wire/replies.js'
import { parseTimeVal } from '../wire/time-val.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { ask } from './ask.js'
import { entryLine, showsAll } from './entry-line.js'
import type { EntryInfo } from './entry.js'
import { entered } from './entered.js'
import { kindsAt } from './kind.js'
import { list } from './list/list.js'
import { inListing } from './link.js'
import { refuseOtherNames } from './other-names.js'
import { explain } from './refusal.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { inUtc } from './server-time.js'

/**
 * What is at the path, a link at its end followed. Throws a RefusedError: ENOENT, ENOTDIR, EACCES,
 * ELOOP. `asked`: the answer to `facts`, where that was asked already.
 */
export async function stat(remote: Remote, call: Call, path: ByteString, asked?: Found): Promise<EntryInfo> {
  const found = asked ?? (await toldFacts(remote, call, path))
  const { info } = found
  if (!info) return otherwise(remote, call, path, found)
  return mayBeLink(info, remote.pool.server) ? followed(remote, call, path, info) : info
}

export function mayBeLink({ type, mode }: EntryInfo, { quirks }: ServerProfile): boolean {
  return type === 'link' || (quirks.mixesLinks && mode === 0o777)
}

/** Where a link to a file leads, as far as the server tells; undefined for what is no link. */
export async function linkTarget(
  remote: Remote,
  call: Call,
  path: ByteString,
): Promise<ByteString | undefined> {
  const listed = (await ask(remote, call, entryLine(path))) ?? (await inListing(remote, call, path))
  return listed?.type === 'link' ? listed.target : undefined
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

/** Whether anything has this name, be it a link to nothing. */
export async function exists(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  await refuseOtherNames(remote, call, path)
  const [kind] = await kindsAt(remote, call, [path])
  if (kind !== 'missing') return true
  if (await ask(remote, call, entryLine(path))) return true
  if (!showsAll(remote, path) && (await inListing(remote, call, path))) return true
  const { features, listsFacts } = remote.pool.server
  // Without SIZE and MLST a file shows only in the listing of its folder.
  return !listsFacts && !features.has('SIZE') && (await sizeOf(remote, call, path)) !== undefined
}

/** The size in a 213 reply to SIZE (RFC 3659, section 4). */
export function parseSize(reply: Reply): number | undefined {
  const text = replyText(reply)
  return reply.code === 213 && /^\d+$/.test(text) ? Number(text) : undefined
}

/** What the server has told of a path, links followed. */
export interface Found {
  info?: EntryInfo
  refusal: Reply
  /** What SIZE said of what CWD has entered. */
  size?: number | undefined
  /** What MDTM said, where SIZE and CWD found nothing. */
  mtime?: number | undefined
}

/** What there is, as far as it can be believed. */
export async function toldFacts(remote: Remote, call: Call, path: ByteString): Promise<Found> {
  await refuseOtherNames(remote, call, path)
  return believed(remote, call, path, await ask(remote, call, facts(path)))
}

/** What is found, unless CWD takes for a folder what is none. */
async function believed(remote: Remote, call: Call, path: ByteString, found: Found): Promise<Found> {
  const { info, size, refusal } = found
  if (info?.type !== 'directory' || remote.pool.server.listsFacts) return found
  const shown = await entered(remote, call, path, size !== undefined)
  if (shown?.type === 'directory') return found
  if (!shown) return { refusal }
  return { info: { ...info, ...shown, size: size ?? shown.size, mtime: info.mtime ?? shown.mtime }, refusal }
}

/** Asks for what there is, in one flight: MLST, or else SIZE, MDTM and CWD. */
export function facts(path: ByteString): Ask<Found> {
  return { key: `facts ${path}`, commands: server => factCommands(path, server), answer: factsIn }
}

export function factCommands(path: ByteString, { listsFacts }: ServerProfile): Command[] {
  return listsFacts ? [command('MLST', path)] : sizeAndTime(path)
}

/** What the replies to `factCommands` say. */
export function factsIn(replies: readonly Reply[], { listsFacts }: ServerProfile): Found {
  if (!listsFacts) return fromSizeAndTime(replies)
  const refusal = replies[0]!
  return isPositive(refusal) ? { info: parseMlstReply(refusal.lines.slice(1, -1)), refusal } : { refusal }
}

function sizeAndTime(path: ByteString): Command[] {
  return [command('SIZE', path), command('MDTM', path), command('CWD', path)]
}

function fromSizeAndTime([size, time, directory]: readonly Reply[]): Found {
  const mtime = time!.code === 213 ? parseTimeVal(replyText(time!)) : undefined
  const bytes = parseSize(size!)
  const refusal = size!
  // ftp-srv 4.6.3 and others answer SIZE for a folder too: what can be entered is one.
  if (isPositive(directory!)) return { info: { type: 'directory', mtime }, refusal, size: bytes }
  if (bytes !== undefined) return { info: { type: 'file', size: bytes, mtime }, refusal }
  return { refusal, mtime }
}

/** Pure-FTPd and ProFTPD describe the link itself in MLST: SIZE, MDTM and CWD follow it. */
async function followed(remote: Remote, call: Call, path: ByteString, link: EntryInfo): Promise<EntryInfo> {
  const target = await ask(remote, call, {
    key: `followed ${path}`,
    commands: () => sizeAndTime(path),
    answer: fromSizeAndTime,
  })
  const found = target.info
  // No link after all, or one to a folder, of which nothing better is to be had.
  if (found?.type === 'directory' && link.type === 'directory') return link
  if (found?.size === link.size && found?.mtime === link.mtime && found?.type === link.type) return link
  if (found) return { ...found, unique: link.unique }
  throw await explain(remote, call, 'stat', target.refusal, path)
}

/**
 * Neither SIZE nor CWD found it: it is not there, or the server has no SIZE, so that the folder's
 * listing has to tell.
 */
export async function otherwise(
  remote: Remote,
  call: Call,
  path: ByteString,
  { refusal, mtime }: Found,
): Promise<EntryInfo> {
  // A 213 that tells no number is no answer.
  const tells = !isUnknownCommand(refusal) && !isPositive(refusal)
  if (tells || remote.pool.server.listsFacts || path === '/') {
    throw await explain(remote, call, 'stat', refusal, path)
  }
  const folder = dirname(path)
  const entries = await list(remote, call, folder)
  const entry = entries.find(({ name }) => name === basename(path))
  if (!entry) throw new RefusedError('ENOENT', refusal)
  return mtime === undefined ? inUtc(remote, call, folder, entry, entries) : { ...entry, mtime }
}
