import { randomBytes } from 'node:crypto'
import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { ListRefused } from '../list/broken-listing.js'
import { allEntries } from '../list/entries.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'

/** Whether CWD succeeds for any path, as on some servers. Asked once. */
export async function entersAnything(remote: Remote, call: Call): Promise<boolean> {
  const { server } = remote.pool
  if (server.kind !== 'unknown') return false
  server.entersAnything ??= await ask(remote, call, {
    key: 'enters anything',
    commands: () => [command('CWD', join('/', `ftp-vfs-${randomBytes(6).toString('hex')}`))],
    answer: ([reply]) => isPositive(reply!),
  })
  return server.entersAnything
}

/**
 * The entry at a path for which CWD succeeded: a folder, unless CWD succeeds for any path or SIZE
 * also succeeded (`sized`). Then the listing of the parent decides. Undefined for a missing path.
 */
export async function enteredEntry(
  remote: Remote,
  call: Call,
  path: ByteString,
  sized: boolean,
): Promise<Omit<ListedEntry, 'name'> | undefined> {
  const { server } = remote.pool
  const folder = { type: 'directory' } as const
  if (server.kind !== 'unknown' || path === '/') return folder
  const believed = !(await entersAnything(remote, call))
  if (believed && (!sized || server.sizesFolders)) return folder
  const shown = await listedEntry(remote, call, path)
  // If CWD follows a link, it leads to a folder.
  if (believed && shown?.type === 'link') return folder
  if (believed && shown?.type === 'directory') server.sizesFolders = true
  return shown
}

/** The entry in the listing of its parent folder. */
export async function listedEntry(
  remote: Remote,
  call: Call,
  path: ByteString,
): Promise<ListedEntry | undefined> {
  try {
    const entries = await allEntries(remote, call, dirname(path))
    return entries.find(({ name }) => name === basename(path))
  } catch (error) {
    if (error instanceof ListRefused) return undefined
    throw error
  }
}
