import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { isUnknownCommand } from '../../wire/reply/replies.js'
import type { ServerProfile } from '../../wire/server/server-profile.js'
import { ask } from '../ask.js'
import type { EntryInfo } from '../entry.js'
import { mdtmTime } from './mdtm.js'
import { offsetBetween } from './offset-between.js'
import { join } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

const maxMisses = 3

/** Whether the time of an entry, compared with MDTM, can show the offset of listings from UTC. */
export function canShowOffset({ type, mtime, mtimePrecision }: ListedEntry): boolean {
  return type === 'file' && mtime !== undefined && mtimePrecision !== 'day'
}

/** Whether the offset of LIST from UTC, or that it is unavailable, is known without a question. */
export function knowsOffset({ pool }: Remote): boolean {
  return pool.server.clock.listing !== undefined || pool.server.listingOffset !== 'untried'
}

/**
 * Converts the time of an entry of LIST to UTC. LIST shows the server's local time without its zone
 * (option `serverTimezone`). The first conversion costs one MDTM of a file among `others`, the
 * entries of the same folder.
 */
export async function inUtc<Entry extends EntryInfo>(
  remote: Remote,
  call: Call,
  folder: ByteString,
  entry: Entry,
  others: readonly ListedEntry[],
): Promise<Entry> {
  const { mtime } = entry
  if (mtime === undefined) return entry
  const zone = remote.pool.server.clock.listing
  if (zone) return { ...entry, mtime: zone.utc(mtime) }
  // The nearest in time is most likely on the same side of a daylight saving change.
  const distance = (other: ListedEntry): number => Math.abs(other.mtime! - mtime)
  const files = others.filter(canShowOffset).sort((one, other) => distance(one) - distance(other))
  const { server } = remote.pool
  const isKnown = (): boolean => server.listingOffset !== 'untried'
  await remote.listingOffset.make(call, isKnown, () => askOffset(remote, call, folder, files))
  const { listingOffset } = server
  return typeof listingOffset === 'number' ? { ...entry, mtime: mtime - listingOffset } : entry
}

/** Learns the offset without a question, from a line of a file and its time by MDTM. */
export function learnOffsetFrom(server: ServerProfile, line: ListedEntry, utc: number | undefined): void {
  if (server.listingOffset !== 'untried' || utc === undefined || !canShowOffset(line)) return
  server.listingOffset = offsetBetween(line.mtime!, utc) ?? 'untried'
}

async function askOffset(
  remote: Remote,
  call: Call,
  folder: ByteString,
  files: readonly ListedEntry[],
): Promise<void> {
  const { server } = remote.pool
  for (const { name, mtime } of files) {
    if (server.listingOffset !== 'untried') return
    server.listingOffset = await offsetOf(remote, call, join(folder, name), mtime!)
    if (server.listingOffset === 'untried' && ++server.listingOffsetMisses >= maxMisses)
      server.listingOffset = 'unknown'
  }
}

/** The offset by MDTM of one file. `untried`: it shows nothing, but another file may. */
async function offsetOf(
  remote: Remote,
  call: Call,
  path: ByteString,
  listed: number,
): Promise<ServerProfile['listingOffset']> {
  try {
    return await ask(remote, call, {
      commands: () => [command('MDTM', path)],
      answer: ([reply], server) => {
        if (isUnknownCommand(reply!)) return 'unknown'
        const utc = mdtmTime(reply!, server)
        return (utc === undefined ? undefined : offsetBetween(listed, utc)) ?? 'untried'
      },
    })
  } catch (error) {
    if (error instanceof RefusedError) return 'untried'
    throw error
  }
}
