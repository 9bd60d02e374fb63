import { modeArgument } from '../fs/arguments.js'
import type { PathLike } from '../fs/target.js'
import { setMode } from '../remote/change.js'
import type { Calls } from './calls.js'

export function chmod(calls: Calls, path: PathLike, mode: number | string): Promise<void> {
  const target = calls.target(path, 'chmod')
  const bits = modeArgument(mode)
  return calls.call('chmod', target, 'change', call => setMode(calls.remote, call, target.path, bits))
}
