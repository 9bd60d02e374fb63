import { basename, type ByteString } from '../wire/names.js'
import type { ServerProfile } from '../wire/server-profile.js'
import { RefusedError } from './refused.js'

/** Throws EINVAL for a path that the server would take for another one, so that nothing is sent. */
export function refuseMistakenNames(server: ServerProfile, path: ByteString | undefined): void {
  if (path !== undefined && server.quirks.mistakes?.test(path)) {
    throw new RefusedError('EINVAL', undefined, 'the server would take this name for another')
  }
}

/** Throws EINVAL for a name that the server would store as another one. */
export function refuseRewrittenName(server: ServerProfile, path: ByteString): void {
  if (server.quirks.rewrites?.test(basename(path))) {
    throw new RefusedError('EINVAL', undefined, 'the server would store this name as another')
  }
}
