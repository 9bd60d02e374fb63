import type { PathLike, Target } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { lstat } from '../remote/stat/lstat.js'
import { RefusedError } from '../remote/refused.js'
import { rename as move } from '../remote/change/rename.js'
import { stat } from '../remote/stat/stat.js'
import { dirname } from '../wire/names/names.js'
import type { Calls } from './calls.js'

export function rename(calls: Calls, oldPath: PathLike, newPath: PathLike): Promise<void> {
  const from = calls.target(oldPath, 'rename', 'oldPath')
  const to = calls.target(newPath, 'rename', 'newPath')
  const work = async (call: Call): Promise<void> => {
    if ((from.folder || to.folder) && (await isFile(calls, call, from, to))) throw new RefusedError('ENOTDIR')
    await move(calls.remote, call, from.path, to.path)
  }
  return calls.call('rename', from, 'change', work, to)
}

/** Whether all that is wrong is a slash behind a file. What else there may be, the server finds. */
async function isFile({ remote }: Calls, call: Call, from: Target, to: Target): Promise<boolean> {
  try {
    const asked = [lstat(remote, call, from.path), stat(remote, call, dirname(to.path))]
    const [moved, folder] = await Promise.all(asked)
    return moved!.type !== 'directory' && folder!.type === 'directory'
  } catch (error) {
    if (error instanceof RefusedError) return false
    throw error
  }
}
