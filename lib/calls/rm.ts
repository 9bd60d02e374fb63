import { booleanArgument } from '../node/arguments.js'
import { fsError } from '../node/node-errors.js'
import { failure } from '../fs/failure.js'
import type { PathLike, CallPath } from '../fs/call-path.js'
import { removeTree } from '../fs/remove-tree.js'
import type { Call } from '../pool/call.js'
import { removeFile } from '../remote/change/remove.js'
import type { EntryInfo } from '../remote/entry.js'
import { keepNames } from '../remote/names/keep-names.js'
import { lstatPath } from '../remote/stat/lstat.js'
import { RefusedError } from '../remote/refused.js'
import type { CallRunner } from './call-runner.js'
import { removalOptions, withRetries, type RemovalOptions } from './removal-options.js'

/**
 * Options of `rm`.
 *
 * Source: Node, fsPromises.rm.
 */
export interface RmOptions extends RemovalOptions {
  /** A missing path is no error. Default false. */
  force?: boolean
}

export function rm(runner: CallRunner, path: PathLike, options?: RmOptions): Promise<void> {
  const target = runner.target(path, 'lstat')
  const settings = removalOptions(options)
  const { recursive, force = false } = settings
  if ('force' in settings) booleanArgument(settings.force, 'options.force')
  const { remote } = runner
  return runner.call('rm', target, 'change', async call => {
    let info: EntryInfo
    try {
      // Under a wrong name, another tree would be removed.
      await keepNames(remote, call, target.path, false)
      info = await lstatPath(remote, call, target.path, true)
      // A slash at the end follows the link.
      if (target.folder && info.type !== 'directory') await runner.refuseFile(call, target)
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== 'ENOENT')
        throw failure(error, 'lstat', target.given)
      if (!target.folder && (await removedUnseen(runner, call, target, force))) return
      if (force) return
      throw failure(error, 'lstat', target.given)
    }
    const isFolder = info.type === 'directory'
    if ((isFolder || target.folder) && !recursive)
      throw fsError('ERR_FS_EISDIR', { syscall: 'rm', path: target.given })
    const remove = (): Promise<void> =>
      isFolder
        ? removeTree(remote, call, target.path)
        : removeFile(remote, call, target.path, { isThere: true })
    return withRetries(call, settings, remove)
  })
}

/** Removes a dangling link, which MLST and STAT of ProFTPD 1.3.8 do not find but DELE removes. */
async function removedUnseen(
  { remote }: CallRunner,
  call: Call,
  { path }: CallPath,
  force: boolean,
): Promise<boolean> {
  if (!remote.pool.server.quirks.mixesLinks) return false
  try {
    // With `force` it does not matter which client removed the link.
    await removeFile(remote, call, path, { isThere: force })
    return true
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'ENOENT') return false
    throw error
  }
}
