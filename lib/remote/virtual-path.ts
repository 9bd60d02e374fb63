import { posix } from 'node:path'
import type { ByteString } from '../wire/names/names.js'
import type { Remote } from './remote.js'

/**
 * The virtual path of a path on the server. Undefined if it lies outside of the root. `folder`: the
 * virtual folder that a relative path starts from.
 */
export function virtualPath(
  { pool }: Remote,
  path: ByteString,
  folder: ByteString = '/',
): ByteString | undefined {
  const { options, server } = pool
  const from = options.remotePath(folder, server.loginDirectory)
  const absolute = path.startsWith('/') ? posix.normalize(path) : posix.join(from, path)
  const remote = absolute.length > 1 && absolute.endsWith('/') ? absolute.slice(0, -1) : absolute
  const root = options.remotePath('/', server.loginDirectory)
  if (remote === root) return '/'
  if (root === '/') return remote
  return remote.startsWith(`${root}/`) ? remote.slice(root.length) : undefined
}
