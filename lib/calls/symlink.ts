import { nodeError } from '../node/node-errors.js'
import { callPath, type PathLike, type CallPath } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { makeLink } from '../remote/change/make-link.js'
import { RefusedError } from '../remote/refused.js'
import { statPath } from '../remote/stat/stat.js'
import { dirname, encodeName } from '../wire/names/names.js'
import type { CallRunner } from './call-runner.js'

export function symlink(
  runner: CallRunner,
  target: PathLike,
  path: PathLike,
  type?: 'dir' | 'file' | 'junction' | null,
): Promise<void> {
  checkType(type)
  const given = runner.target(target, 'symlink', 'target')
  const link = runner.target(path, 'symlink')
  const to = seenFrom(runner, link, given)
  const work = async (call: Call): Promise<void> => {
    // A new name cannot end with a slash.
    if (link.folder)
      throw new RefusedError((await statPath(runner.remote, call, link.path)) ? 'EEXIST' : 'ENOENT')
    return makeLink(runner.remote, call, to.path, link.path)
  }
  return runner.call('symlink', to, 'read', work, link)
}

/** A relative target counts from the folder that the link is in. */
function seenFrom({ paths, encoding }: CallRunner, link: CallPath, target: CallPath): CallPath {
  const name = encodeName(target.raw, encoding)
  if (name.startsWith('/')) return target
  const path = Buffer.from(`${dirname(link.path)}/${name}`, 'latin1')
  return { ...target, path: callPath(paths, path, 'symlink', 'target').path }
}

/** Only Windows makes a difference between them. */
function checkType(type: unknown): void {
  if (typeof type !== 'string' || ['dir', 'file', 'junction'].includes(type)) return
  const message = `Symlink type must be one of "dir", "file", or "junction". Received "${type}"`
  throw nodeError(new Error(message), 'ERR_FS_INVALID_SYMLINK_TYPE', symlink)
}
