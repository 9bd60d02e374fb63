import { timeArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { setTime } from '../remote/change/change.js'
import type { Calls } from './calls.js'
import { refuseLink } from './refuse-link.js'

export type Time = number | string | Date

export function utimes(calls: Calls, path: PathLike, atime: Time, mtime: Time): Promise<void> {
  const target = calls.target(path, 'utime')
  timeArgument(atime)
  const time = timeArgument(mtime)
  const work = (call: Call): Promise<void> => setTime(calls.remote, call, target.path, time)
  const change = calls.onFolder(target, call => calls.metadata('utimes', () => work(call)))
  return calls.call('utime', target, 'change', change)
}

export function lutimes(calls: Calls, path: PathLike, atime: Time, mtime: Time): Promise<void> {
  const target = calls.target(path, 'lutime')
  timeArgument(atime)
  const time = timeArgument(mtime)
  const work = async (call: Call): Promise<void> => {
    await refuseLink(calls, call, target, 'time')
    return setTime(calls.remote, call, target.path, time)
  }
  return calls.call('lutime', target, 'change', call => calls.metadata('lutimes', () => work(call)))
}
