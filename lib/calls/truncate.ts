import { integerArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { truncate as cut } from '../remote/change/truncate.js'
import type { Calls } from './calls.js'

export function truncate(calls: Calls, path: PathLike, len = 0): Promise<void> {
  const target = calls.target(path, 'open')
  const size = Math.max(0, integerArgument(len, 'len'))
  const work = (call: Call): Promise<void> => cut(calls.remote, call, target.path, size)
  return calls.call('open', target, 'change', calls.onFolder(target, work))
}
