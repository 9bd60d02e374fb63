import { booleanArgument } from '../fs/arguments.js'
import { fsError } from '../fs/errors.js'
import { failure } from '../fs/failure.js'
import type { PathLike } from '../fs/target.js'
import { removeTree } from '../fs/tree.js'
import { removeFile } from '../remote/change.js'
import type { EntryInfo } from '../remote/entry.js'
import { lstat } from '../remote/lstat.js'
import { RefusedError } from '../remote/refused.js'
import type { Calls } from './calls.js'
import { removalOptions, withRetries, type RemovalOptions } from './removal-options.js'

export interface RmOptions extends RemovalOptions {
  /** A missing path is no error. Default: false. */
  force?: boolean
}

export function rm(calls: Calls, path: PathLike, options?: RmOptions): Promise<void> {
  const target = calls.target(path, 'lstat')
  const settings = removalOptions(options)
  const { recursive, force = false } = settings
  if ('force' in settings) booleanArgument(settings.force, 'options.force')
  const { remote } = calls
  return calls.call('rm', target, 'change', async call => {
    let info: EntryInfo
    try {
      info = await lstat(remote, call, target.path, true)
    } catch (error) {
      if (force && error instanceof RefusedError && error.code === 'ENOENT') return
      throw failure(error, 'lstat', target.given)
    }
    if (target.folder && info.type === 'file')
      throw failure(new RefusedError('ENOTDIR'), 'lstat', target.given)
    const isFolder = info.type === 'directory'
    if (isFolder && !recursive) throw fsError('ERR_FS_EISDIR', { syscall: 'rm', path: target.given })
    const remove = isFolder ? removeTree : removeFile
    return withRetries(call, settings, () => remove(remote, call, target.path))
  })
}
