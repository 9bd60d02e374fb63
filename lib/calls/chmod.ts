import { modeArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { setMode } from '../remote/change/metadata.js'
import type { CallRunner } from './call-runner.js'
import { refuseLink } from './refuse-link.js'

export function chmod(runner: CallRunner, path: PathLike, mode: number | string): Promise<void> {
  const target = runner.target(path, 'chmod')
  const bits = modeArgument(mode)
  const work = (call: Call): Promise<void> => setMode(runner.remote, call, target.path, bits)
  const change = runner.onFolder(target, call => runner.metadata('chmod', () => work(call)))
  return runner.call('chmod', target, 'change', change)
}

export function lchmod(runner: CallRunner, path: PathLike, mode: number | string): Promise<void> {
  const target = runner.target(path, 'lchmod')
  const bits = modeArgument(mode)
  const work = async (call: Call): Promise<void> => {
    await refuseLink(runner, call, target, 'mode')
    return setMode(runner.remote, call, target.path, bits)
  }
  return runner.call('lchmod', target, 'change', call => runner.metadata('lchmod', () => work(call)))
}
