import { posix } from 'node:path'
import type { ByteString } from '../wire/names/names.js'
import type { Remote } from './remote.js'
import { serverPath } from './server-file.js'

/**
 * The virtual path of a path on the server. Undefined if it lies outside of the root. `folder`: the
 * virtual folder that a relative path starts from.
 */
export function virtualPath(
  remote: Remote,
  path: ByteString,
  folder: ByteString = '/',
): ByteString | undefined {
  const from = serverPath(remote, folder)
  const absolute = path.startsWith('/') ? posix.normalize(path) : posix.join(from, path)
  const whole = absolute.length > 1 && absolute.endsWith('/') ? absolute.slice(0, -1) : absolute
  const root = serverPath(remote, '/')
  if (whole === root) return '/'
  if (root === '/') return whole
  return whole.startsWith(`${root}/`) ? whole.slice(root.length) : undefined
}
