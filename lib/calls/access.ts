import { flagBitsArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import { stat } from '../remote/stat/stat.js'
import type { Calls } from './calls.js'

export function access(calls: Calls, path: PathLike, mode?: number): Promise<void> {
  flagBitsArgument(mode)
  return calls.info('access', calls.target(path, 'access'), stat).then(() => {})
}
