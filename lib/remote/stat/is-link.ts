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
import { inUtc, knowsOffset, tellsOffset } from '../time/server-time.js'

/** Whether a path that leads to a folder does so by a link. */
export async function isLink(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  if (path === '/') return false
  if (remote.pool.server.kind !== 'unknown') return ask(remote, call, leadsElsewhere(path))
  return (await inListing(remote, call, path))?.type === 'link'
}

/**
 * What the listing of its folder shows of a path: the slow way, which tells links from what they
 * lead to. The time is the server's local time, unless `needsTime` says of the entry that it be
 * UTC; that may take one more question.
 */
export async function inListing(
  remote: Remote,
  call: Call,
  path: ByteString,
  needsTime: (entry: ListedEntry) => boolean = () => false,
): Promise<ListedEntry | undefined> {
  const folder = dirname(path)
  const name = basename(path)
  // What can tell how far the server's time is ahead.
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
      if (files.length === 0 || entry) files.push(...some.filter(tellsOffset))
      if (entry && (files.length > 0 || knowsOffset(remote))) break
    }
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error
  }
  // It may be the one that was looked for.
  if (!entry && skipped) throw unusable(remote, skipped)
  return entry && local ? inUtc(remote, call, folder, entry, files) : entry
}

/** Whether a folder is a link, as far as PWD tells; some servers tell the path that was entered all the same. */
export function leadsElsewhere(path: ByteString): Question<boolean> {
  const { commands, answer } = placeOf(path)
  return { key: `leads elsewhere ${path}`, commands, answer: (...given) => answer(...given) === 'elsewhere' }
}

/** Where PWD says that the session is when it has entered a folder. */
export type Place = 'itself' | 'elsewhere' | 'untold'

export function placeOf(path: ByteString): Question<Place> & { key: string } {
  return {
    key: `link ${path}`,
    commands: ({ kind }) => [
      ...[command('CWD', dirname(path)), command('PWD'), command('CWD', path), command('PWD')],
      // A server that is not known may refuse to remove the folder in which it is.
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

/** vsftpd 3.0.3 doubles the byte FF in its replies, as Telnet does. */
function telnet(path: ByteString): ByteString {
  return path.replaceAll('\xff\xff', '\xff')
}
