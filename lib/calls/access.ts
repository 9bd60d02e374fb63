import { flagBitsArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import { statPath } from '../remote/stat/stat.js'
import type { CallRunner } from './call-runner.js'

export function access(runner: CallRunner, path: PathLike, mode?: number): Promise<void> {
  flagBitsArgument(mode)
  return runner.info('access', runner.target(path, 'access'), statPath).then(() => {})
}
