import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { ask } from './ask.js'
import type { EntryInfo } from './entry.js'
import { lstat } from './lstat.js'
import { realFolder } from './real-path.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'
import { facts, mayBeLink, stat, type Found } from './stat.js'

const minute = 60_000

/**
 * As `stat`, for users: a folder of which neither MLST nor MDTM tells the time has that of its
 * listed line, which also tells its mode and owner.
 */
export async function statWithTime(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo> {
  const asked = await ask(remote, call, facts(path))
  const info = await stat(remote, call, path, asked)
  if (info.type !== 'directory' || path === '/') return info
  // What the facts tell of a link to a folder is the time of the link.
  const linked = asked.info !== undefined && mayBeLink(asked.info, remote.pool.server)
  if (info.mtime !== undefined && !linked) return info
  const shown = await ifShown(() => folder(remote, call, path, linked ? undefined : asked))
  return shown?.type === 'directory' ? noOlder(shown) : info
}

/**
 * Of a time to the minute its last moment: rounded down, the lock folder of a living program looks
 * stale, and another one takes the lock.
 */
function noOlder(info: EntryInfo): EntryInfo {
  const { mtime, mtimePrecision } = info
  return mtime !== undefined && mtimePrecision === 'minute' ? { ...info, mtime: mtime + minute - 1 } : info
}

/** What is shown of a folder itself. `asked`: the facts, where they are not those of a link. */
async function folder(
  remote: Remote,
  call: Call,
  path: ByteString,
  asked: Found | undefined,
): Promise<EntryInfo | undefined> {
  const own = asked && (await lstat(remote, call, path, false, asked))
  if (own && own.type !== 'link') return own
  const real = await realFolder(remote, call, path)
  return real === path ? undefined : lstat(remote, call, real)
}

/** A folder may be open whose line is not to be had. */
async function ifShown(look: () => Promise<EntryInfo | undefined>): Promise<EntryInfo | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof RefusedError) return undefined
    throw error
  }
}
