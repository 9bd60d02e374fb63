import type { Call } from '../pool/call.js'
import { mayRetry, retryDelay } from '../pool/retry.js'
import { ConnectionLostError } from '../wire/errors.js'
import type { ListedEntry } from '../wire/listed-entry.js'
import type { ByteString } from '../wire/names.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { entries, ListRefused, type EntriesFrom } from './entries.js'
import { explain } from './refusal.js'
import type { Remote } from './remote.js'

/** Whether the server's listings tell links from what they point to, as far as is known. */
export function showsLinks(server: ServerProfile): boolean {
  return server.kind !== 'unknown'
}

/** The entries of a folder as they come. Throws a RefusedError: ENOENT, ENOTDIR, EACCES. */
export async function* listing(
  remote: Remote,
  call: Call,
  path: ByteString,
  from?: EntriesFrom,
): AsyncGenerator<ListedEntry[]> {
  try {
    yield* entries(remote, call, path, from)
  } catch (error) {
    throw error instanceof ListRefused ? await explain(remote, call, 'list', error.reply, path) : error
  }
}

/** All entries of a folder; a connection that is lost on the way is no error. Throws as `listing`. */
export async function list(
  remote: Remote,
  call: Call,
  path: ByteString,
  from?: EntriesFrom,
): Promise<ListedEntry[]> {
  for (let attempts = 1; ; attempts++) {
    const all: ListedEntry[] = []
    try {
      for await (const some of listing(remote, call, path, from)) all.push(...some)
      return all
    } catch (error) {
      // One that was lost before its first entry has been tried again already.
      if (all.length === 0 || !(error instanceof ConnectionLostError) || !mayRetry(attempts)) throw error
    }
    await call.sleep(retryDelay(attempts))
  }
}
