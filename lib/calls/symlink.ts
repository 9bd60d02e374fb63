import { nodeError } from '../node/node-errors.js'
import { targetOf, type PathLike, type Target } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { makeLink } from '../remote/change/make-link.js'
import { RefusedError } from '../remote/refused.js'
import { stat } from '../remote/stat/stat.js'
import { dirname, encodeName } from '../wire/names/names.js'
import type { Calls } from './calls.js'

export function symlink(
  calls: Calls,
  target: PathLike,
  path: PathLike,
  type?: 'dir' | 'file' | 'junction' | null,
): Promise<void> {
  checkType(type)
  const given = calls.target(target, 'symlink', 'target')
  const link = calls.target(path, 'symlink')
  const to = seenFrom(calls, link, given)
  const work = async (call: Call): Promise<void> => {
    // A new name cannot end with a slash.
    if (link.folder) throw new RefusedError((await stat(calls.remote, call, link.path)) ? 'EEXIST' : 'ENOENT')
    return makeLink(calls.remote, call, to.path, link.path)
  }
  return calls.call('symlink', to, 'read', work, link)
}

/** A relative target counts from the folder that the link is in. */
function seenFrom({ paths, encoding }: Calls, link: Target, target: Target): Target {
  const name = encodeName(target.raw, encoding)
  if (name.startsWith('/')) return target
  const path = Buffer.from(`${dirname(link.path)}/${name}`, 'latin1')
  return { ...target, path: targetOf(paths, path, 'symlink', 'target').path }
}

/** Only Windows makes a difference between them. */
function checkType(type: unknown): void {
  if (typeof type !== 'string' || ['dir', 'file', 'junction'].includes(type)) return
  const message = `Symlink type must be one of "dir", "file", or "junction". Received "${type}"`
  throw nodeError(new Error(message), 'ERR_FS_INVALID_SYMLINK_TYPE', symlink)
}
