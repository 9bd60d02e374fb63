import type { PathLike } from '../fs/call-path.js'
import { removeTree } from '../fs/remove-tree.js'
import { removeDirectory, removeFile } from '../remote/change/remove.js'
import { keepNames } from '../remote/names/keep-names.js'
import { lstatPath } from '../remote/stat/lstat.js'
import { RefusedError } from '../remote/refused.js'
import { statPath } from '../remote/stat/stat.js'
import type { CallRunner } from './call-runner.js'
import { removalOptions, withRetries, type RemovalOptions } from './removal-options.js'

export function rmdir(runner: CallRunner, path: PathLike, options?: RemovalOptions): Promise<void> {
  const target = runner.target(path, 'rmdir')
  const settings = removalOptions(options)
  const { remote } = runner
  return runner.call('rmdir', target, 'change', async call => {
    if (!settings.recursive) return removeDirectory(remote, call, target.path)
    await keepNames(remote, call, target.path, false)
    const asked = [statPath(remote, call, target.path), lstatPath(remote, call, target.path, true)]
    const [info, own] = await Promise.all(asked)
    if (info!.type !== 'directory') return removeDirectory(remote, call, target.path)
    // As in Node, a link is removed and its target stays; after a slash, the path is no link, and
    // an error.
    if (own!.type === 'link' && target.folder) throw new RefusedError('ENOTDIR')
    const remove = (): Promise<void> =>
      own!.type === 'link'
        ? removeFile(remote, call, target.path, { isThere: true })
        : removeTree(remote, call, target.path)
    return withRetries(call, settings, remove)
  })
}
