import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, type ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'
import { ListRefused } from './broken-listing.js'

/**
 * The type of a path by `shown`, the listing of the folder above it, where there is no CWD;
 * undefined if it stays unknown. SIZE decides on an entry that is listed as neither file nor
 * folder.
 */
export async function kindByListing(
  remote: Remote,
  call: Call,
  path: ByteString,
  shown: AsyncIterable<{ readonly entries: readonly ListedEntry[] }>,
): Promise<'file' | 'directory' | 'missing' | undefined> {
  let found: ListedEntry | undefined
  try {
    for await (const { entries } of shown) found ??= entries.find(({ name }) => name === basename(path))
  } catch (error) {
    if (error instanceof ListRefused) return undefined
    throw error
  }
  if (!found) return 'missing'
  if (found.type === 'file' || found.type === 'directory') return found.type
  return ask(remote, call, {
    key: `kind by size ${path}`,
    commands: () => [command('SIZE', path)],
    answer: ([reply]) => (isPositive(reply!) ? 'file' : isUnknownCommand(reply!) ? undefined : 'directory'),
  })
}
