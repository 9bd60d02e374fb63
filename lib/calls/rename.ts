import type { PathLike } from '../fs/target.js'
import { rename as move } from '../remote/change.js'
import type { Call } from '../pool/call.js'
import type { Calls } from './calls.js'

export function rename(calls: Calls, oldPath: PathLike, newPath: PathLike): Promise<void> {
  const from = calls.target(oldPath, 'rename', 'oldPath')
  const to = calls.target(newPath, 'rename', 'newPath')
  const work = (call: Call): Promise<void> => move(calls.remote, call, from.path, to.path)
  return calls.call('rename', from, 'change', work, to)
}
