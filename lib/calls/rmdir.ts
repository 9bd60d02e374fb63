import type { PathLike } from '../fs/target.js'
import { removeTree } from '../fs/tree.js'
import { removeDirectory } from '../remote/change.js'
import { stat } from '../remote/stat.js'
import type { Calls } from './calls.js'
import { removalOptions, withRetries, type RemovalOptions } from './removal-options.js'

export function rmdir(calls: Calls, path: PathLike, options?: RemovalOptions): Promise<void> {
  const target = calls.target(path, 'rmdir')
  const settings = removalOptions(options)
  const { remote } = calls
  return calls.call('rmdir', target, 'change', async call => {
    const whole = settings.recursive && (await stat(remote, call, target.path)).type === 'directory'
    if (!whole) return removeDirectory(remote, call, target.path)
    return withRetries(call, settings, () => removeTree(remote, call, target.path))
  })
}
