import type { Call } from '../../pool/call.js'
import { dirname, basename, type ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import { entryLine, showsAll } from './entry-line.js'
import type { EntryInfo } from '../entry.js'
import { fromSizeAndTime, sizeAndTime, checkedFacts } from './facts.js'
import type { PathFacts } from './path-facts.js'
import { pathKinds } from './path-kinds.js'
import { list } from '../list/list.js'
import { inListing } from './is-link.js'
import { refuseOtherNames } from '../names/other-names.js'
import { explain } from '../refusal.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { inUtc } from '../time/server-time.js'

/**
 * Returns the facts of the entry at the path, with a link followed. `asked`: the answer to `facts`,
 * if the caller already has it.
 *
 * @throws RefusedError: ENOENT, ENOTDIR, EACCES, ELOOP
 */
export async function statPath(
  remote: Remote,
  call: Call,
  path: ByteString,
  asked?: PathFacts,
): Promise<EntryInfo> {
  const found = asked ?? (await checkedFacts(remote, call, path))
  const { info } = found
  if (!info) return otherwise(remote, call, path, found)
  return mayBeLink(info, remote.pool.server) ? followed(remote, call, path, info) : info
}

export function mayBeLink({ type, mode }: EntryInfo, { quirks }: ServerProfile): boolean {
  return type === 'link' || (quirks.mixesLinks && mode === 0o777)
}

/** The target of a link to a file, if the server reports it. Undefined if it is not a link. */
export async function linkTarget(
  remote: Remote,
  call: Call,
  path: ByteString,
): Promise<ByteString | undefined> {
  const listed = (await ask(remote, call, entryLine(path))) ?? (await inListing(remote, call, path))
  return listed?.type === 'link' ? listed.target : undefined
}

/** The size of a file in bytes, or undefined if there is no such file. */
export async function sizeOf(remote: Remote, call: Call, path: ByteString): Promise<number | undefined> {
  try {
    const { type, size } = await statPath(remote, call, path)
    return type === 'directory' ? undefined : size
  } catch (error) {
    if (error instanceof RefusedError && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

/** Whether any entry has this name, even a dangling link. */
export async function pathExists(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  await refuseOtherNames(remote, call, path)
  const [kind] = await pathKinds(remote, call, [path])
  if (kind !== 'missing') return true
  if (await ask(remote, call, entryLine(path))) return true
  if (!showsAll(remote, path) && (await inListing(remote, call, path))) return true
  const { features, can } = remote.pool.server
  // Without SIZE and MLST a file shows only in the listing of its folder.
  return !can.mlst.usable && !features.has('SIZE') && (await sizeOf(remote, call, path)) !== undefined
}

/** MLST of Pure-FTPd and ProFTPD describes the link itself, while SIZE, MDTM and CWD follow it. */
async function followed(remote: Remote, call: Call, path: ByteString, link: EntryInfo): Promise<EntryInfo> {
  const target = await ask(remote, call, {
    key: `followed ${path}`,
    commands: () => sizeAndTime(path),
    answer: fromSizeAndTime,
  })
  const found = target.info
  // Not a link after all, or one to a folder, where no better facts are available.
  if (found?.type === 'directory' && link.type === 'directory') return link
  if (found?.size === link.size && found?.mtime === link.mtime && found?.type === link.type) return link
  if (found) return { ...found, unique: link.unique }
  throw await explain(remote, call, 'stat', target.refusal, path)
}

/**
 * Handles a path that neither SIZE nor CWD found. It is missing, or the server lacks one of these
 * commands, so that the listing of the folder decides.
 */
export async function otherwise(
  remote: Remote,
  call: Call,
  path: ByteString,
  { refusal, mtime, byMlst, noCwd }: PathFacts,
): Promise<EntryInfo> {
  // A 213 reply without a number is no answer.
  const tells = !isUnknownCommand(refusal) && !isPositive(refusal) && !noCwd
  if (path === '/' && noCwd) return { type: 'directory' }
  if (tells || byMlst || path === '/') {
    throw await explain(remote, call, 'stat', refusal, path)
  }
  const folder = dirname(path)
  const entries = await list(remote, call, folder)
  const entry = entries.find(({ name }) => name === basename(path))
  if (!entry) throw new RefusedError('ENOENT', refusal)
  if (mtime !== undefined) return { ...entry, mtime }
  // The times of MLSD are exact, and in UTC.
  const inFacts = entry.mtimePrecision === 'second' && remote.pool.server.can.mlsd.proven
  return inFacts ? entry : inUtc(remote, call, folder, entry, entries)
}
