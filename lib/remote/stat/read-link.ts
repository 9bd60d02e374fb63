import type { Question } from '../../pool/question.js'
import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { lineCommands, shownLine } from './entry-line.js'
import { inListing } from './is-link.js'
import { lstatPath } from './lstat.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { virtualPath } from '../virtual-path.js'

/**
 * Returns the target of a link, as the server's listings show it. An absolute target below the root
 * becomes a path in the tree. One outside has no path in the tree, and stays as it is.
 *
 * @throws RefusedError: EINVAL if the path is not a link, ENOENT, ENOTDIR, EACCES, ELOOP; ENOTSUP
 *   if the server reveals a link only by its effect, and not its target
 */
export async function readLink(remote: Remote, call: Call, path: ByteString): Promise<ByteString> {
  const target = await targetInListing(remote, call, path)
  return target.startsWith('/') ? (virtualPath(remote, target) ?? target) : target
}

/** The target as stored: an absolute one is a path on the server. Throws what `readLink` throws. */
export async function targetInListing(remote: Remote, call: Call, path: ByteString): Promise<ByteString> {
  // Only the listing of the parent distinguishes a folder from a link to one.
  const shown =
    path === '/'
      ? undefined
      : ((await ask(remote, call, ownLine(path))) ?? (await inListing(remote, call, path)))
  if (!shown) {
    // ProFTPD 1.3.8 does not list links to `.` and `..`.
    const isLink = (await lstatPath(remote, call, path, true)).type === 'link'
    throw isLink
      ? new RefusedError('ENOTSUP', undefined, 'the server does not tell where this link leads')
      : new RefusedError('EINVAL')
  }
  const { type, target } = shown
  if (type !== 'link' || target === undefined) throw new RefusedError('EINVAL')
  return target
}

/** The line of an entry that CWD cannot enter: for a folder, the server would list its content. */
function ownLine(path: ByteString): Question<ListedEntry | undefined> {
  return {
    key: `own line ${path}`,
    commands: server =>
      server.quirks.picksByBraces
        ? lineCommands(path, server)
        : [command('CWD', path), ...lineCommands(path, server)],
    answer: (replies, { quirks }) =>
      !quirks.picksByBraces && isPositive(replies[0]!) ? undefined : shownLine(path, replies),
  }
}
