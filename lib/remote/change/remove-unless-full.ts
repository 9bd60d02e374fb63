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
import { tellsPlaces } from './tells-places.js'

/**
 * Removes what a listing calls a folder, without a look into it: a link, or an empty folder.
 * Resolves with false for a folder in which something is, and that is no link.
 *
 * Twisted 22.4, ftp-srv 4.6.3 and the MLSD of pyftpdlib 1.5.7 show a link as the folder it leads
 * to, and what is removed by its path is lost there. RMD tells: rmdir(2) says of a full folder that
 * it is not empty, and of a link that it is no folder. Where it says the same of both, PWD behind
 * CWD tells, if it is that of the system.
 *
 * @throws RefusedError: ENOTSUP where nothing tells, unless `removeUnsureFolders` allows it; EACCES
 */
export async function removedUnlessFull(
  remote: Remote,
  call: Call,
  path: ByteString,
  parent = dirname(path),
): Promise<boolean> {
  const { server } = remote.pool
  // `/` has no name that could be a link's.
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
  if (place === 'itself' && (await tellsPlaces(remote, call, parent))) return false
  const shown = decodeName(path, remote.pool.options.encoding)
  throw new RefusedError(
    'ENOTSUP',
    undefined,
    `'${shown}' may be a link, which the server does not tell: with the option removeUnsureFolders, what is in it is removed`,
  )
}

/** The server's refusal to remove it; undefined when it is gone. */
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
