import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, type ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'
import { ListRefused } from './broken-listing.js'

/**
 * What a path is by the listing of the folder above, `shown`, where there is no CWD; undefined where
 * nothing tells. SIZE tells of what the listing does not.
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
