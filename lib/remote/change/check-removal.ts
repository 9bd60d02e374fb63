import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand, parseSize } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { entered, listed } from '../stat/entered.js'
import { keepNames } from '../names/keep-names.js'
import { inListing } from '../stat/is-link.js'
import { listing } from '../list/list.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

/**
 * Throws EISDIR for a folder, before DELE: on servers that are not known it may remove one that is
 * empty, as those of BSD and ftp-srv 4.6.3 do.
 */
export async function checkFile(remote: Remote, call: Call, path: ByteString): Promise<void> {
  if (await isKnown(remote, call)) return
  await keepNames(remote, call, path, false)
  const { type } = await seen(remote, call, path)
  if (type !== 'directory') return
  // What is entered by a link is not what DELE removes.
  if ((await inListing(remote, call, path))?.type !== 'link') throw new RefusedError('EISDIR')
}

/**
 * Throws ENOTDIR for a file and ENOTEMPTY for a folder in which something is, before RMD: on servers
 * that are not known it may remove either.
 */
export async function checkEmptyFolder(remote: Remote, call: Call, path: ByteString): Promise<void> {
  if (await isKnown(remote, call)) return
  await keepNames(remote, call, path, false)
  const { type } = await seen(remote, call, path)
  if (type !== undefined && type !== 'directory') throw new RefusedError('ENOTDIR')
  // What is missing, RMD says best.
  if (type === undefined || remote.pool.server.sparesFullFolders?.RMD) return
  for await (const some of listing(remote, call, path)) {
    if (some.length > 0) throw new RefusedError('ENOTEMPTY')
  }
}

/** What the server is, a login tells. */
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
  if (isEntered) return (await entered(remote, call, path, sized)) ?? {}
  if (sized) return { type: 'file' }
  return (untold ? await listed(remote, call, path) : undefined) ?? {}
}
