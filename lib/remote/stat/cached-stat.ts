import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import type { EntryInfo } from '../entry.js'
import { lstatPath } from './lstat.js'
import type { Remote } from '../remote.js'
import { inUtc, knowsOffset, canShowOffset } from '../time/server-time.js'
import { statWithTime } from './stat-with-time.js'
import { mayBeLink } from './stat.js'

/**
 * `stat`, or its cached result (option `statCacheTtl`). For calls of the user only: our own
 * decisions use fresh facts.
 */
export async function cachedStat(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo> {
  const cache = remote.statCache
  if (!cache) return statWithTime(remote, call, path)
  const followed = cache.get(path, true)
  if (followed) return followed
  const known = await own(remote, call, path)
  if (known && !mayBeLink(known, remote.pool.server)) return known
  const { now } = cache
  const info = await statWithTime(remote, call, path)
  cache.keep(path, { ...info, mtimePrecision: undefined }, now, true)
  return info
}

/** `lstat`, or its cached result. */
export async function cachedLstat(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo> {
  const cache = remote.statCache
  if (!cache) return lstatPath(remote, call, path)
  const known = await own(remote, call, path)
  if (known) return known
  const { now } = cache
  const info = await lstatPath(remote, call, path)
  cache.keep(path, { ...info, mtimePrecision: undefined }, now, false)
  return info
}

async function own(remote: Remote, call: Call, path: ByteString): Promise<EntryInfo | undefined> {
  const known = remote.statCache?.get(path, false)
  // Only a time in the server's zone, not yet in UTC, has a precision here.
  if (!known?.mtimePrecision) return known
  const line = { ...known, name: basename(path) } as ListedEntry
  if (!knowsOffset(remote) && !canShowOffset(line) && line.mtimePrecision !== 'day') return undefined
  return inUtc(remote, call, dirname(path), known, [line])
}
