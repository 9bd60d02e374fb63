import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { fixedZone, type TimeZone } from '../../wire/time/time-zone.js'
import type { PathFacts } from '../stat/path-facts.js'
import { inListing } from '../stat/is-link.js'
import { offsetBetween } from './offset-between.js'
import type { Remote } from '../remote.js'
import { canShowOffset } from './server-time.js'

/**
 * Returns the result of SIZE and MDTM of a file with its time in UTC. If the zone of listings is
 * configured (`serverTimezone`), the listing of one file whose time would differ shows, once,
 * whether MDTM uses that zone, too.
 */
export async function inMdtmZone(
  remote: Remote,
  call: Call,
  path: ByteString,
  found: PathFacts,
): Promise<PathFacts> {
  const { server } = remote.pool
  const { info } = found
  const told = info?.type === 'file' && !found.byMlst ? info.mtime : undefined
  if (told === undefined || !server.clock.isUnsure(told)) return found
  const isKnown = (): boolean => !server.clock.isUnsure(told)
  await remote.mdtmZone.make(call, isKnown, () => compare(remote, call, path, told))
  return { ...found, info: { ...info!, mtime: server.clock.mdtm.utc(told) } }
}

async function compare(remote: Remote, call: Call, path: ByteString, told: number): Promise<void> {
  const { clock } = remote.pool.server
  let line: ListedEntry | undefined
  try {
    line = await inListing(remote, call, path)
  } catch {
    // The file exists, even if its folder cannot be listed.
    call.throwIfCancelled()
  }
  clock.learn(line && canShowOffset(line) ? mdtmZone(told, line.mtime!, clock.listing!) : undefined)
}

/**
 * The zone of a time from MDTM, by comparison with the time of the file in LIST. Undefined if the
 * two do not fit.
 */
export function mdtmZone(told: number, listed: number, listing: TimeZone): TimeZone | undefined {
  if (offsetBetween(told, listed) === 0) return listing
  const ahead = offsetBetween(told, listing.utc(listed))
  return ahead === undefined ? undefined : fixedZone(ahead)
}
