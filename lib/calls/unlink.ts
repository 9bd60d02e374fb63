import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { removeFile } from '../remote/change/remove.js'
import { lstatPath } from '../remote/stat/lstat.js'
import type { CallRunner } from './call-runner.js'

export function unlink(runner: CallRunner, path: PathLike): Promise<void> {
  const target = runner.target(path, 'unlink')
  const work = (call: Call): Promise<void> => removeFile(runner.remote, call, target.path)
  return runner.call('unlink', target, 'change', runner.onFolder(target, work, lstatPath))
}
