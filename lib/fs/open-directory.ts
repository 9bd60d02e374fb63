import { Call } from '../pool/call.js'
import { listing } from '../remote/list/list.js'
import type { Remote } from '../remote/remote.js'
import type { Dirent } from '../node/dirent.js'
import { Dir, type DirSource } from '../node/dir.js'
import { failure } from './failure.js'
import type { PathOrder } from './path-order.js'
import type { CallPath } from './call-path.js'
import { walk, type ListedFolder } from './walk.js'

type Name = string | Buffer

/** Opens a folder to read it entry by entry. Throws ENOENT, ENOTDIR, EACCES, ERR_FTP_CLOSED. */
export async function openDirectory(
  remote: Remote,
  order: PathOrder,
  target: CallPath,
  recursive: boolean,
  dirents: (found: ListedFolder) => Dirent<Name>[],
): Promise<Dir> {
  const { pool } = remote
  let dir: Dir<Name> | undefined
  const call = pool.begin(
    new Call(reason => {
      call.cancel(reason)
      dir?.destroy(reason)
    }),
  )
  const found = recursive ? walk(remote, call, target.path) : inFolder(remote, call, target)
  try {
    // Later calls do not wait for the remaining entries, which may never be read.
    const reservation = order.reserve([recursive ? 'walk' : 'list', target.path])
    // A missing folder is an error of opendir, and not of the first read.
    const first = await reservation.inTurn(call, () => found.next())
    dir = new Dir(
      target.given,
      source(first, found, dirents, target.given, () => pool.end(call)),
    )
    return dir as Dir
  } catch (error) {
    pool.end(call)
    throw failure(error, 'opendir', target.given)
  }
}

async function* inFolder(
  remote: Remote,
  call: Call,
  { path }: CallPath,
): AsyncGenerator<ListedFolder, undefined> {
  for await (const entries of listing(remote, call, path)) yield { folder: path, entries }
  return undefined
}

function source(
  first: IteratorResult<ListedFolder, undefined>,
  found: AsyncGenerator<ListedFolder, undefined>,
  dirents: (found: ListedFolder) => Dirent<Name>[],
  given: string,
  ended: () => void,
): DirSource<Name> {
  let ahead: typeof first | undefined = first
  let ready: Dirent<Name>[] = []
  let taken = 0
  return {
    async next() {
      try {
        while (taken >= ready.length) {
          const result = ahead ?? (await found.next())
          ahead = undefined
          if (result.done) {
            ended()
            return result
          }
          ready = dirents(result.value)
          taken = 0
        }
        return { value: ready[taken++]! }
      } catch (error) {
        ended()
        throw failure(error, 'scandir', given)
      }
    },
    async return() {
      try {
        await found.return(undefined)
      } finally {
        ended()
      }
    },
  }
}
