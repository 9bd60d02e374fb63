import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand, parseSize } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { enteredEntry, listedEntry } from '../stat/entered.js'
import { keepNames } from '../names/keep-names.js'
import { inListing } from '../stat/is-link.js'
import { listing } from '../list/list.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

/**
 * Throws EISDIR for a folder, before DELE. DELE of unknown servers may remove an empty folder, as
 * that of BSD servers and of ftp-srv 4.6.3 does.
 */
export async function checkFile(remote: Remote, call: Call, path: ByteString): Promise<void> {
  if (await isKnown(remote, call)) return
  await keepNames(remote, call, path, false)
  const { type } = await seen(remote, call, path)
  if (type !== 'directory') return
  // CWD follows a link to a folder, but DELE removes the link itself.
  if ((await inListing(remote, call, path))?.type !== 'link') throw new RefusedError('EISDIR')
}

/**
 * Throws ENOTDIR for a file and ENOTEMPTY for a folder with entries, before RMD. RMD of unknown
 * servers may remove either.
 */
export async function checkEmptyFolder(remote: Remote, call: Call, path: ByteString): Promise<void> {
  if (await isKnown(remote, call)) return
  await keepNames(remote, call, path, false)
  const { type } = await seen(remote, call, path)
  if (type !== undefined && type !== 'directory') throw new RefusedError('ENOTDIR')
  // For a missing path, the reply to RMD is the best error.
  if (type === undefined || remote.pool.server.sparesFullFolders?.RMD) return
  for await (const some of listing(remote, call, path)) {
    if (some.length > 0) throw new RefusedError('ENOTEMPTY')
  }
}

/** Whether the server is identified, which takes a login. */
async function isKnown(remote: Remote, call: Call): Promise<boolean> {
  await remote.pool.firstLogin(call)
  return remote.pool.server.kind !== 'unknown'
}

async function seen(remote: Remote, call: Call, path: ByteString): Promise<{ type?: string | undefined }> {
  const { isEntered, sized, untold } = await ask(remote, call, {
    key: `removable ${path}`,
    commands: () => [command('CWD', path), command('SIZE', path)],
    answer: ([folder, size]) => ({
      isEntered: isPositive(folder!),
      sized: parseSize(size!) !== undefined,
      untold: isUnknownCommand(size!),
    }),
  })
  if (isEntered) return (await enteredEntry(remote, call, path, sized)) ?? {}
  if (sized) return { type: 'file' }
  return (untold ? await listedEntry(remote, call, path) : undefined) ?? {}
}
