import type { PathLike } from '../fs/call-path.js'
import { removeTree } from '../fs/tree.js'
import { removeDirectory, removeFile } from '../remote/change/change.js'
import { keepNames } from '../remote/names/keep-names.js'
import { lstat } from '../remote/stat/lstat.js'
import { RefusedError } from '../remote/refused.js'
import { stat } from '../remote/stat/stat.js'
import type { Calls } from './calls.js'
import { removalOptions, withRetries, type RemovalOptions } from './removal-options.js'

export function rmdir(calls: Calls, path: PathLike, options?: RemovalOptions): Promise<void> {
  const target = calls.target(path, 'rmdir')
  const settings = removalOptions(options)
  const { remote } = calls
  return calls.call('rmdir', target, 'change', async call => {
    if (!settings.recursive) return removeDirectory(remote, call, target.path)
    await keepNames(remote, call, target.path, false)
    const asked = [stat(remote, call, target.path), lstat(remote, call, target.path, true)]
    const [info, own] = await Promise.all(asked)
    if (info!.type !== 'directory') return removeDirectory(remote, call, target.path)
    // What is behind a link stays: as in Node the link goes, but by a path that ends with a slash
    // it is none.
    if (own!.type === 'link' && target.folder) throw new RefusedError('ENOTDIR')
    const remove = (): Promise<void> =>
      own!.type === 'link'
        ? removeFile(remote, call, target.path, { isThere: true })
        : removeTree(remote, call, target.path)
    return withRetries(call, settings, remove)
  })
}
