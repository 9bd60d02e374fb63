import { timeArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { setTime } from '../remote/change/metadata.js'
import type { CallRunner } from './call-runner.js'
import { refuseLink } from './refuse-link.js'

export type Time = number | string | Date

export function utimes(runner: CallRunner, path: PathLike, atime: Time, mtime: Time): Promise<void> {
  const target = runner.target(path, 'utime')
  timeArgument(atime)
  const time = timeArgument(mtime)
  const work = (call: Call): Promise<void> => setTime(runner.remote, call, target.path, time)
  const change = runner.onFolder(target, call => runner.metadata('utimes', () => work(call)))
  return runner.call('utime', target, 'change', change)
}

export function lutimes(runner: CallRunner, path: PathLike, atime: Time, mtime: Time): Promise<void> {
  const target = runner.target(path, 'lutime')
  timeArgument(atime)
  const time = timeArgument(mtime)
  const work = async (call: Call): Promise<void> => {
    await refuseLink(runner, call, target, 'time')
    return setTime(runner.remote, call, target.path, time)
  }
  return runner.call('lutime', target, 'change', call => runner.metadata('lutimes', () => work(call)))
}
