import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { dirname, basename, type ByteString } from '../../wire/names/names.js'
import { isPositive, quotedPath } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { inListing } from './is-link.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'
import { linkTarget, statPath } from './stat.js'
import { virtualPath } from '../virtual-path.js'

// As many links as Linux follows.
const maxLinks = 40

/**
 * Resolves the links in a path: for folders by PWD, for files by the targets of links. Some servers
 * report neither. A link that leads out of the tree stays: its target has no path in the tree.
 */
export async function realPath(
  remote: Remote,
  call: Call,
  file: ByteString,
  links = maxLinks,
): Promise<ByteString> {
  const { type } = await statPath(remote, call, file)
  if (type === 'directory') return realFolder(remote, call, file, links)
  const folder = await realFolder(remote, call, dirname(file), links)
  const target = links > 0 ? await linkTarget(remote, call, file) : undefined
  const followed = target === undefined ? undefined : virtualPath(remote, target, folder)
  return followed === undefined ? join(folder, basename(file)) : realPath(remote, call, followed, links - 1)
}

/** `realPath` of a path that is known to be a folder. */
export async function realFolder(
  remote: Remote,
  call: Call,
  folder: ByteString,
  links = maxLinks,
): Promise<ByteString> {
  if (folder === '/') return folder
  return remote.pool.server.kind === 'unknown'
    ? folderByListings(remote, call, folder, links)
    : folderByPwd(remote, call, folder)
}

/**
 * Resolves a folder on an unknown server. PWD of many servers reports the entered path, including
 * its links, so that the listings of all ancestors decide instead.
 */
async function folderByListings(
  remote: Remote,
  call: Call,
  folder: ByteString,
  links: number,
): Promise<ByteString> {
  const above = await realFolder(remote, call, dirname(folder), links)
  const shown = await inListing(remote, call, folder)
  const target = links > 0 && shown?.type === 'link' ? shown.target : undefined
  const followed = target === undefined ? undefined : virtualPath(remote, target, above)
  return followed === undefined ? join(above, basename(folder)) : realPath(remote, call, followed, links - 1)
}

async function folderByPwd(remote: Remote, call: Call, folder: ByteString): Promise<ByteString> {
  const [root, actual] = await ask(remote, call, {
    commands: () => [command('CWD', '/'), command('PWD'), command('CWD', folder), command('PWD')],
    answer: ([up, top, entered, here], { quirks }) =>
      isPositive(up!) && isPositive(entered!) ? [quotedPath(top!, quirks), quotedPath(here!, quirks)] : [],
  })
  if (root === undefined || actual === undefined) return folder
  if (actual === root) return '/'
  const above = root === '/' ? '' : root
  return actual.startsWith(`${above}/`) ? actual.slice(above.length) : folder
}
