import type { PathLike } from '../fs/target.js'
import { removeFile } from '../remote/change.js'
import type { Calls } from './calls.js'

export function unlink(calls: Calls, path: PathLike): Promise<void> {
  const target = calls.target(path, 'unlink')
  return calls.call('unlink', target, 'change', call => removeFile(calls.remote, call, target.path))
}
