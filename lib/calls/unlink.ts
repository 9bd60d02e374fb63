import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { removeFile } from '../remote/change/change.js'
import { lstat } from '../remote/stat/lstat.js'
import type { Calls } from './calls.js'

export function unlink(calls: Calls, path: PathLike): Promise<void> {
  const target = calls.target(path, 'unlink')
  const work = (call: Call): Promise<void> => removeFile(calls.remote, call, target.path)
  return calls.call('unlink', target, 'change', calls.onFolder(target, work, lstat))
}
