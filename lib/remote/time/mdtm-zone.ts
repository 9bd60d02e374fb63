import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { fixedZone, type TimeZone } from '../../wire/time/time-zone.js'
import type { Found } from '../stat/found.js'
import { inListing } from '../stat/is-link.js'
import { offsetBetween } from './offset-between.js'
import type { Remote } from '../remote.js'
import { tellsOffset } from './server-time.js'

/**
 * What SIZE and MDTM have told of a file, with its time in UTC. Where the zone of listings is given
 * (`serverTimezone`), the listing of a file whose time would differ tells, once, whether MDTM is in
 * that zone, too.
 */
export async function inMdtmZone(remote: Remote, call: Call, path: ByteString, found: Found): Promise<Found> {
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
    // The file is there, whatever its listing comes to.
    call.throwIfCancelled()
  }
  clock.learn(line && tellsOffset(line) ? mdtmZone(told, line.mtime!, clock.listing!) : undefined)
}

/**
 * In which zone MDTM has told the time of a file that LIST shows in another one, or in the same;
 * undefined where the two do not fit.
 */
export function mdtmZone(told: number, listed: number, listing: TimeZone): TimeZone | undefined {
  if (offsetBetween(told, listed) === 0) return listing
  const ahead = offsetBetween(told, listing.utc(listed))
  return ahead === undefined ? undefined : fixedZone(ahead)
}
