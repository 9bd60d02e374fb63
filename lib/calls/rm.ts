import { fsError } from '../fs/errors.js'
import { failure } from '../fs/failure.js'
import type { PathLike } from '../fs/target.js'
import { removeTree } from '../fs/tree.js'
import { removeFile } from '../remote/change.js'
import type { EntryInfo } from '../remote/entry.js'
import { lstat } from '../remote/lstat.js'
import { RefusedError } from '../remote/refused.js'
import type { Calls } from './calls.js'

export interface RmOptions {
  force?: boolean
  recursive?: boolean
}

export function rm(calls: Calls, path: PathLike, options: RmOptions = {}): Promise<void> {
  const { force = false, recursive = false } = options
  const target = calls.target(path, 'lstat')
  const { remote } = calls
  return calls.call('rm', target, 'change', async call => {
    let info: EntryInfo
    try {
      info = await lstat(remote, call, target.path, true)
    } catch (error) {
      if (force && error instanceof RefusedError && error.code === 'ENOENT') return
      throw failure(error, 'lstat', target.given)
    }
    if (info.type !== 'directory') return removeFile(remote, call, target.path)
    if (!recursive) throw fsError('ERR_FS_EISDIR', { syscall: 'rm', path: target.given })
    return removeTree(remote, call, target.path)
  })
}
