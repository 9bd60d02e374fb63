import type { Call } from '../pool/call.js'
import type { EntryInfo } from '../remote/entry.js'
import { join } from '../remote/paths.js'
import { realPath } from '../remote/stat/real-path.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { basename, dirname, type ByteString } from '../wire/names/names.js'
import { fsError, type SystemError } from '../node/node-errors.js'

/** A path, and its form for the user. */
export interface Side {
  readonly path: ByteString
  readonly given: string
  /** The path ends with a slash: it can only name a folder, possibly through a link. */
  readonly folder?: boolean
}

/** The source and the destination of a copy. */
export interface Pair {
  readonly src: Side
  readonly dest: Side
}

/** Throws the errors of Node's cp for two paths that conflict. `there`: the entry at `dest`. */
export function checkPair(pair: Pair, info: EntryInfo, there: EntryInfo | undefined): void {
  const { src, dest } = pair
  const isFolder = info.type === 'directory'
  if (there) {
    if (src.path === dest.path) throw samePath(pair)
    if (isFolder && there.type !== 'directory') {
      const message = `cannot overwrite non-directory ${dest.given} with directory ${src.given}`
      throw fsError('ERR_FS_CP_DIR_TO_NON_DIR', { syscall: 'cp', path: dest.given, message })
    }
    if (!isFolder && there.type === 'directory') {
      const message = `cannot overwrite directory ${dest.given} with non-directory ${src.given}`
      throw fsError('ERR_FS_CP_NON_DIR_TO_DIR', { syscall: 'cp', path: dest.given, message })
    }
  }
  if (isFolder && isWithin(dest.path, src.path)) throw intoItself(pair)
}

/**
 * Does the same checks for the real paths, to which links may lead. `follows`: a link at the end is
 * followed. Resolves with the real path of `dest`.
 */
export async function checkPlaces(
  remote: Remote,
  call: Call,
  pair: Pair,
  info: EntryInfo,
  there: EntryInfo | undefined,
  follows: (side: Side) => boolean,
): Promise<ByteString> {
  const { src, dest } = pair
  const behind = { src: follows(src), dest: there !== undefined && follows(dest) }
  if (!behind.src && !behind.dest && dirname(src.path) === dirname(dest.path)) return dest.path
  const [from, to] = await Promise.all([
    behind.src ? realPath(remote, call, src.path) : realPlace(remote, call, src.path),
    behind.dest ? realPath(remote, call, dest.path) : realPlace(remote, call, dest.path),
  ])
  if (there && from === to) throw samePath(pair)
  if (info.type === 'directory' && isWithin(to, from)) throw intoItself(pair)
  return to
}

/** The path without links, except for the last name, which may be a link, or missing. */
async function realPlace(remote: Remote, call: Call, path: ByteString): Promise<ByteString> {
  if (path === '/') return path
  let folder: ByteString
  try {
    folder = await realPath(remote, call, dirname(path))
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 'ENOENT') throw error
    folder = await realPlace(remote, call, dirname(path))
  }
  return join(folder, basename(path))
}

/** Whether a path is the folder itself, or lies below it. */
export function isWithin(path: ByteString, folder: ByteString): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

function samePath({ dest }: Pair): SystemError {
  const message = 'src and dest cannot be the same'
  return fsError('ERR_FS_CP_EINVAL', { syscall: 'cp', path: dest.given, message })
}

export function intoItself({ src, dest }: Pair): SystemError {
  const message = `cannot copy ${src.given} to a subdirectory of self ${dest.given}`
  return fsError('ERR_FS_CP_EINVAL', { syscall: 'cp', path: dest.given, message })
}
