import { integerArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { truncateFile } from '../remote/change/truncate.js'
import type { CallRunner } from './call-runner.js'

export function truncate(runner: CallRunner, path: PathLike, len = 0): Promise<void> {
  const target = runner.target(path, 'open')
  const size = Math.max(0, integerArgument(len, 'len'))
  const work = (call: Call): Promise<void> => truncateFile(runner.remote, call, target.path, size)
  return runner.call('open', target, 'change', runner.onFolder(target, work))
}
