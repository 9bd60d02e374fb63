import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { ask } from '../ask.js'
import { kindsOf, type PathKind } from '../stat/probe-kinds.js'
import { join } from '../paths.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

// The maximum of entries to ask about at once.
const maxAsked = 200

const types: Partial<Record<PathKind, ListedEntry['type']>> = {
  file: 'file',
  directory: 'directory',
  dangling: 'link',
}

/**
 * Asks for each type that the listing does not show. An entry whose type stays unknown is neither a
 * file nor a folder.
 */
export async function withResolvedTypes(
  remote: Remote,
  call: Call,
  folder: ByteString,
  entries: ListedEntry[],
): Promise<ListedEntry[]> {
  const untold = entries.filter(({ typeUnknown }) => typeUnknown)
  for (let from = 0; from < untold.length; from += maxAsked) {
    await Promise.all(
      untold.slice(from, from + maxAsked).map(async entry => {
        entry.type = (await typeOf(remote, call, join(folder, entry.name))) ?? 'other'
        delete entry.typeUnknown
      }),
    )
  }
  return entries
}

async function typeOf(
  remote: Remote,
  call: Call,
  path: ByteString,
): Promise<ListedEntry['type'] | undefined> {
  try {
    const [kind] = await ask(remote, call, kindsOf([path]))
    return types[kind!]
  } catch (error) {
    // The server would take the name for another one.
    if (error instanceof RefusedError) return undefined
    throw error
  }
}
