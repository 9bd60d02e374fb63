import { timeArgument } from '../fs/arguments.js'
import type { PathLike } from '../fs/target.js'
import { setTime } from '../remote/change.js'
import type { Calls } from './calls.js'

export type Time = number | string | Date

export function utimes(calls: Calls, path: PathLike, atime: Time, mtime: Time): Promise<void> {
  const target = calls.target(path, 'utime')
  timeArgument(atime)
  const time = timeArgument(mtime)
  return calls.call('utime', target, 'change', call => setTime(calls.remote, call, target.path, time))
}
