import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { EntryInfo } from '../entry.js'
import { checkedFacts } from './facts.js'
import { lstatPath } from './lstat.js'
import { realFolder } from './real-path.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { mayBeLink, statPath } from './stat.js'

const minute = 60_000

/**
 * `stat` for calls of the user. If neither MLST nor MDTM reports a time, it comes from the line in
 * a listing, which also shows the mode and owner of a folder.
 *
 * @param retries how often it starts again for a folder that has no time anywhere
 */
export async function statWithTime(
  remote: Remote,
  call: Call,
  path: ByteString,
  retries = 2,
): Promise<EntryInfo> {
  const asked = await checkedFacts(remote, call, path)
  const info = await statPath(remote, call, path, asked)
  const isFolder = info.type === 'directory'
  // For a link to a folder, the facts contain the time of the link.
  const linked = isFolder && asked.info !== undefined && mayBeLink(asked.info, remote.pool.server)
  if (path === '/' || (info.mtime !== undefined && !linked)) return info
  const shown = await ifShown(async () => {
    const own = linked ? undefined : await lstatPath(remote, call, path, false, asked)
    return isFolder && (!own || own.type === 'link') ? behindLink(remote, call, path) : own
  })
  // Without a time, the folder may have vanished since the facts, and be another one by now. As a
  // time of 1970 it would make the lock folder of a running program look stale.
  const timeless = isFolder && info.mtime === undefined && shown?.mtime === undefined
  if (timeless && retries > 0) return statWithTime(remote, call, path, retries - 1)
  if (shown?.type !== info.type) return info
  return isFolder ? noOlder(shown) : { ...info, mtime: shown.mtime }
}

/**
 * Replaces a time in minutes by the last moment of its minute. Rounded down, the lock folder of a
 * running program would look stale, and another program would take the lock.
 */
function noOlder(info: EntryInfo): EntryInfo {
  const { mtime, mtimePrecision } = info
  return mtime !== undefined && mtimePrecision === 'minute' ? { ...info, mtime: mtime + minute - 1 } : info
}

async function behindLink(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo | undefined> {
  const real = await realFolder(remote, call, path)
  return real === path ? undefined : lstatPath(remote, call, real)
}

/** Undefined if the server refuses: an accessible entry may have no visible line. */
async function ifShown(look: () => Promise<EntryInfo | undefined>): Promise<EntryInfo | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof RefusedError) return undefined
    throw error
  }
}
