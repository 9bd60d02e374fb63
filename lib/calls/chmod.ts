import { modeArgument } from '../node/arguments.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { setMode } from '../remote/change/change.js'
import type { Calls } from './calls.js'
import { refuseLink } from './refuse-link.js'

export function chmod(calls: Calls, path: PathLike, mode: number | string): Promise<void> {
  const target = calls.target(path, 'chmod')
  const bits = modeArgument(mode)
  const work = (call: Call): Promise<void> => setMode(calls.remote, call, target.path, bits)
  const change = calls.onFolder(target, call => calls.metadata('chmod', () => work(call)))
  return calls.call('chmod', target, 'change', change)
}

export function lchmod(calls: Calls, path: PathLike, mode: number | string): Promise<void> {
  const target = calls.target(path, 'lchmod')
  const bits = modeArgument(mode)
  const work = async (call: Call): Promise<void> => {
    await refuseLink(calls, call, target, 'mode')
    return setMode(calls.remote, call, target.path, bits)
  }
  return calls.call('lchmod', target, 'change', call => calls.metadata('lchmod', () => work(call)))
}
