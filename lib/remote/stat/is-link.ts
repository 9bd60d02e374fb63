import type { Question } from '../../pool/question.js'
import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ListedEntry, ListingError } from '../../wire/listing/listed-entry.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive, quotedPath } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { ListRefused } from '../list/broken-listing.js'
import { entries } from '../list/entries.js'
import type { ListCommand } from '../list/list-command.js'
import { unusable } from '../list/unusable.js'
import type { Remote } from '../remote.js'
import { inUtc, knowsOffset, canShowOffset } from '../time/server-time.js'

/** Whether a path to a folder is a link. */
export async function isLink(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  if (path === '/') return false
  if (remote.pool.server.kind !== 'unknown') return ask(remote, call, leadsElsewhere(path))
  return (await inListing(remote, call, path))?.type === 'link'
}

/**
 * The entry of a path in the listing of its parent folder. This is slow, but distinguishes a link
 * from its target. The time is the server's local time, or UTC if `needsTime` requests it for the
 * entry. That may take one more question.
 */
export async function inListing(
  remote: Remote,
  call: Call,
  path: ByteString,
  needsTime: (entry: ListedEntry) => boolean = () => false,
): Promise<ListedEntry | undefined> {
  const folder = dirname(path)
  const name = basename(path)
  // Files whose times can show the offset of the server's zone.
  const files: ListedEntry[] = []
  let entry: ListedEntry | undefined
  let skipped: ListingError | undefined
  const onSkip = (error: ListingError): void => void (skipped ??= error)
  let local = true
  const onVerb = (verb: ListCommand): void => void (local = verb !== 'MLSD')
  try {
    for await (const some of entries(remote, call, folder, { from: 'ls', onSkip, onVerb })) {
      entry ??= some.find(each => each.name === name)
      if (entry && !needsTime(entry)) return entry
      if (files.length === 0 || entry) files.push(...some.filter(canShowOffset))
      if (entry && (files.length > 0 || knowsOffset(remote))) break
    }
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error
  }
  // The unreadable line may be the wanted entry.
  if (!entry && skipped) throw unusable(remote, skipped)
  return entry && local ? inUtc(remote, call, folder, entry, files) : entry
}

/** Whether a folder is a link according to PWD. Some servers report the entered path regardless. */
export function leadsElsewhere(path: ByteString): Question<boolean> {
  const { commands, answer } = placeOf(path)
  return { key: `leads elsewhere ${path}`, commands, answer: (...given) => answer(...given) === 'elsewhere' }
}

/** Where the session is after CWD to a folder, by PWD. `untold`: PWD does not show it. */
export type Place = 'itself' | 'elsewhere' | 'untold'

export function placeOf(path: ByteString): Question<Place> & { key: string } {
  return {
    key: `link ${path}`,
    commands: ({ kind }) => [
      ...[command('CWD', dirname(path)), command('PWD'), command('CWD', path), command('PWD')],
      // An unknown server may refuse to remove its working directory.
      ...(kind === 'unknown' ? [command('CWD', dirname(path))] : []),
    ],
    answer: ([, up, entered, here], server) => {
      const folder = quotedPath(up!, server.quirks)
      const actual = quotedPath(here!, server.quirks)
      if (!isPositive(entered!) || folder === undefined || actual === undefined) return 'untold'
      const above = folder === '/' ? '' : folder
      const name = basename(path)
      const isSame = actual === `${above}/${name}` || telnet(actual) === `${telnet(above)}/${name}`
      return isSame ? 'itself' : 'elsewhere'
    },
  }
}

/** Undoes the doubled byte FF (Telnet) in replies of vsftpd 3.0.3. */
function telnet(path: ByteString): ByteString {
  return path.replaceAll('\xff\xff', '\xff')
}
