import { hasTrailingSlash, type RemotePaths } from '../remote/paths.js'
import type { ByteString } from '../wire/names/names.js'
import { pathArgument } from '../node/arguments.js'
import { systemError } from '../node/node-errors.js'

/** A path argument: text, bytes, or a `file:` URL, of which only the path counts. */
export type PathLike = string | Uint8Array | URL

/** The path argument of a call. */
export interface CallPath {
  /** The path from the user, as text for messages. */
  given: string
  /** The path from the user in its own type; of a URL, its path. */
  raw: string | Buffer
  path: ByteString
  /** The path ends with a slash: it can only name a folder. */
  folder: boolean
}

/**
 * Checks a path argument.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, and ENOENT for the empty path
 */
export function callPath(paths: RemotePaths, path: PathLike, syscall: string, name = 'path'): CallPath {
  const given = pathArgument(path, name)
  const virtual = paths.virtual(given)
  if (virtual === '') throw systemError({ code: 'ENOENT', syscall, path: '' })
  return { given: given.toString(), raw: given, path: virtual, folder: hasTrailingSlash(given) }
}
