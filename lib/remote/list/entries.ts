import type { Call } from '../../pool/call.js'
import type { ListedEntry } from '../../wire/listing/listing.js'
import type { ByteString } from '../../wire/names/names.js'
import type { Remote } from '../remote.js'
import { attempts, type ListingOptions } from './attempts.js'
import { ListRefused } from './broken-listing.js'
import { GivenEntries } from './given-entries.js'
import { MergedEntries, mergedEntries } from './merged-entries.js'
import { withResolvedTypes } from './resolved-types.js'

/**
 * Yields the entries of a folder as they arrive, each once: the entries of a listing that broke off
 * are not repeated. Throws like `attempts`.
 */
export async function* entries(
  remote: Remote,
  call: Call,
  path: ByteString,
  options?: ListingOptions,
): AsyncGenerator<ListedEntry[]> {
  const given = new GivenEntries()
  for await (const { entries } of attempts(remote, call, path, options)) {
    // Merges only entries that arrive together: an entry cannot be withdrawn after it was yielded.
    const fresh = given.take(mergedEntries(entries))
    if (fresh.length === 0) continue
    const some = await withResolvedTypes(remote, call, path, fresh)
    remote.folderSizes.learn(path, some)
    yield some
  }
}

/** Returns all entries of a folder, from one listing, each once. Throws like `attempts`. */
export async function allEntries(
  remote: Remote,
  call: Call,
  path: ByteString,
  options?: ListingOptions,
): Promise<ListedEntry[]> {
  let merged = new MergedEntries()
  for await (const { entries, restarted } of attempts(remote, call, path, options)) {
    if (restarted) merged = new MergedEntries()
    merged.add(entries)
  }
  const all = await withResolvedTypes(remote, call, path, merged.all)
  remote.folderSizes.learn(path, all)
  return all
}

/** Whether a folder appears empty. A folder that cannot be listed does. */
export async function isEmpty(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  try {
    for await (const some of entries(remote, call, path)) if (some.length > 0) return false
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error
  }
  return true
}
