import type { PathLike } from '../fs/target.js'
import { removeDirectory } from '../remote/change.js'
import type { Calls } from './calls.js'

export function rmdir(calls: Calls, path: PathLike): Promise<void> {
  const target = calls.target(path, 'rmdir')
  return calls.call('rmdir', target, 'change', call => removeDirectory(calls.remote, call, target.path))
}
