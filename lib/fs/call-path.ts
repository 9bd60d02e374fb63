import { hasTrailingSlash, type RemotePaths } from '../remote/paths.js'
import type { ByteString } from '../wire/names/names.js'
import { pathArgument } from '../node/arguments.js'
import { systemError } from '../node/node-errors.js'

/** A path as the methods take it: text, bytes, or a `file:` URL of which the path counts. */
export type PathLike = string | Uint8Array | URL

/** What a call is about. */
export interface CallPath {
  /** The path as the user gave it, for messages. */
  given: string
  /** The same as it was given, without a URL around it. */
  raw: string | Buffer
  path: ByteString
  /** The path ends with a slash: it can only name a folder. */
  folder: boolean
}

/** Checks a path argument. Throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, and ENOENT for the empty path. */
export function callPath(paths: RemotePaths, path: PathLike, syscall: string, name = 'path'): CallPath {
  const given = pathArgument(path, name)
  const virtual = paths.virtual(given)
  if (virtual === '') throw systemError({ code: 'ENOENT', syscall, path: '' })
  return { given: given.toString(), raw: given, path: virtual, folder: hasTrailingSlash(given) }
}
