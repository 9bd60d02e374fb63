import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { decodeName, dirname, type ByteString } from '../../wire/names/names.js'
import type { Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { carryOut } from './carry-out.js'
import { learnFullFolders } from './full-folders.js'
import { placeOf } from '../stat/is-link.js'
import { isNotEmpty } from './not-empty.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { replyWords } from '../reply-words.js'
import { stateIn } from '../write/file-state.js'
import { resolvesLinks } from './resolves-links.js'

/**
 * Removes an entry that a listing shows as a folder, if it is a link or an empty folder. Does not
 * list its content. Resolves with false for a real folder with entries.
 *
 * Twisted 22.4, ftp-srv 4.6.3 and the MLSD of pyftpdlib 1.5.7 show a link as the folder it leads
 * to, and a removal below its path would delete the target's entries. RMD distinguishes them:
 * rmdir(2) reports ENOTEMPTY for a full folder and ENOTDIR for a link. If the server words both
 * alike, PWD after CWD decides, provided that PWD reports the system's working directory.
 *
 * @throws RefusedError: ENOTSUP if nothing decides and `removeUnsureFolders` is off; EACCES
 */
export async function removeUnlessFull(
  remote: Remote,
  call: Call,
  path: ByteString,
  parent = dirname(path),
): Promise<boolean> {
  const { server } = remote.pool
  // `/` cannot be a link.
  if (path === '/') return false
  const place = await ask(remote, call, placeOf(path))
  await learnFullFolders(remote, call, parent)
  const spares = server.sparesFullFolders
  if (spares?.DELE && !(await refusal(remote, call, 'DELE', path))) return true
  if (place !== 'elsewhere' && spares?.RMD) {
    const refused = await refusal(remote, call, 'RMD', path)
    if (!refused) return true
    if (isNotEmpty(replyWords(remote, refused, path))) return false
  }
  if (remote.options.removeUnsureFolders) return false
  if (place === 'itself' && (await resolvesLinks(remote, call, parent))) return false
  const shown = decodeName(path, remote.pool.options.encoding)
  throw new RefusedError(
    'ENOTSUP',
    undefined,
    `'${shown}' may be a link, which the server does not tell: with the option removeUnsureFolders, what is in it is removed`,
  )
}

/** The server's refusal to remove the entry. Undefined once it is removed. */
async function refusal(
  remote: Remote,
  call: Call,
  verb: 'DELE' | 'RMD',
  path: ByteString,
): Promise<Reply | undefined> {
  let refused: Reply | undefined
  try {
    await carryOut(remote, call, {
      kind: 'remove',
      path,
      folder: verb === 'RMD',
      command: () => command(verb, path),
      reason: async reply => {
        refused = reply
        return new RefusedError(stateIn([reply]) === 'missing' ? 'ENOENT' : 'EACCES', reply)
      },
      sure: true,
    })
    return undefined
  } catch (error) {
    if (refused && error instanceof RefusedError) return refused
    throw error
  }
}
