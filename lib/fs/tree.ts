import type { Call } from '../pool/call.js'
import { makeDirectories, removeDirectory, removeFile } from '../remote/change.js'
import { list, showsLinks } from '../remote/list.js'
import { ancestors, join } from '../remote/paths.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import type { ListedEntry } from '../wire/listed-entry.js'
import type { ByteString } from '../wire/names.js'

/** An entry somewhere below a folder, and the folder that it is in. */
export interface TreeEntry {
  folder: ByteString
  entry: ListedEntry
}

/** All entries below a folder, those of a folder before those of its folders. Links are not followed. */
export async function walk(remote: Remote, call: Call, root: ByteString): Promise<TreeEntry[]> {
  const found: TreeEntry[] = []
  let folders = [root]
  while (folders.length > 0) {
    const listings = await Promise.all(
      folders.map(async folder => ({ folder, entries: await list(remote, call, folder) })),
    )
    const next: ByteString[] = []
    for (const { folder, entries } of listings) {
      for (const entry of entries) {
        found.push({ folder, entry })
        if (entry.type === 'directory') next.push(join(folder, entry.name))
      }
    }
    folders = next
  }
  return found
}

/** Removes a folder and all that is in it; a link in it is removed, and what it points to left alone. */
export async function removeTree(remote: Remote, call: Call, folder: ByteString): Promise<void> {
  const { server } = remote.pool
  // Where a link looks like the folder that it points to, DELE tells: it removes a link, and refuses a folder.
  if (!showsLinks(server) && (await removedAsFile(remote, call, folder))) return
  await removeEntries(remote, call, folder, await list(remote, call, folder))
  try {
    await removeDirectory(remote, call, folder)
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') || !server.listsFacts) throw error
    // MLSD of ProFTPD 1.3.8 and pyftpdlib 1.5.7 leaves out links that lead nowhere; LIST shows them.
    const left = await list(remote, call, folder, 'ls')
    if (left.length === 0) throw error
    await removeEntries(remote, call, folder, left)
    await removeDirectory(remote, call, folder)
  }
}

async function removeEntries(
  remote: Remote,
  call: Call,
  folder: ByteString,
  entries: readonly ListedEntry[],
): Promise<void> {
  const isDirectory = new Map<ByteString, boolean>()
  for (const { name, type } of entries) {
    // A name that holds a newline can make a line of its own: of two that say different things, none is a folder.
    isDirectory.set(name, type === 'directory' && isDirectory.get(name) !== false)
  }
  await Promise.all(
    [...isDirectory].map(async ([name, descend]) => {
      const path = join(folder, name)
      try {
        await (descend ? removeTree(remote, call, path) : removeFile(remote, call, path))
      } catch (error) {
        // Somebody else has removed it.
        if (!hasCode(error, 'ENOENT')) throw error
      }
    }),
  )
}

async function removedAsFile(remote: Remote, call: Call, path: ByteString): Promise<boolean> {
  try {
    await removeFile(remote, call, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EISDIR')) return false
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof RefusedError && error.code === code
}

/** Makes a folder and those above it. Resolves with the first that was made, if any was. */
export function makeTree(remote: Remote, call: Call, folder: ByteString): Promise<ByteString | undefined> {
  return makeDirectories(remote, call, [...ancestors(folder).slice(1), folder])
}
