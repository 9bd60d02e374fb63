import { isUtf8 } from 'node:buffer'
import { basename, nameBuffer, type ByteString } from '../wire/names.js'
import { RefusedError } from './refused.js'
import type { Remote } from './remote.js'

/** Throws EINVAL for a path that the server would take for another one, so that nothing is sent. */
export function refuseMistakenNames({ pool }: Remote, path: ByteString | undefined): void {
  if (path === undefined) return
  const { quirks, kind, features } = pool.server
  if (quirks.mistakes?.test(path)) throw mistaken('the server would take this name for another')
  // RFC 2640, section 3.1. pyftpdlib 1.5.7 puts U+FFFD for what is not UTF-8, and others guess.
  const onlyUtf8 = kind === 'unknown' && features.has('UTF8') && pool.options.encoding === 'utf8'
  if (onlyUtf8 && !isUtf8(nameBuffer(path))) throw mistaken('the server keeps its names in UTF-8')
}

/** Throws EINVAL for a name that the server would store as another one. */
export function refuseRewrittenName({ pool }: Remote, path: ByteString): void {
  if (pool.server.quirks.rewrites?.test(basename(path))) {
    throw mistaken('the server would store this name as another')
  }
}

function mistaken(detail: string): RefusedError {
  return new RefusedError('EINVAL', undefined, detail)
}
