import { isUtf8 } from 'node:buffer'
import { basename, decodeName, nameBuffer, type ByteString } from '../../wire/names/names.js'
import { risksIn } from './names-at-risk.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'

/** Throws EINVAL, before anything is sent, for a path that the server confuses with another. */
export function refuseUnsafeNames({ pool }: Remote, path: ByteString | undefined): void {
  if (path === undefined) return
  const { quirks, kind, keptNames, isWindows, replacesInvalidUtf8 } = pool.server
  if (kind === 'unknown') {
    for (const { kind, what } of risksIn(path, pool.options.encoding)) {
      if (keptNames.get(kind) === false) throw notKept(what)
    }
    if (isWindows && decodeName(path, pool.options.encoding).includes('\\'))
      throw mistaken('the server takes a backslash for a slash')
  }
  if (quirks.mistakes?.test(path)) throw mistaken('the server would take this name for another')
  const onlyUtf8 = replacesInvalidUtf8 && pool.options.encoding === 'utf8'
  if (onlyUtf8 && !isUtf8(nameBuffer(path))) throw mistaken('the server keeps its names in UTF-8')
}

/** Throws EINVAL for a name that the server would store as another name. */
export function refuseRewrittenName({ pool }: Remote, path: ByteString): void {
  if (pool.server.quirks.rewrites?.test(basename(path))) {
    throw mistaken('the server would store this name as another')
  }
}

/** The error for a name with a part that the server does not keep. */
export function notKept(what: string): RefusedError {
  return mistaken(`the server does not keep ${what} in a name`)
}

function mistaken(detail: string): RefusedError {
  return new RefusedError('EINVAL', undefined, detail)
}
