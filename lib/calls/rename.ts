import type { PathLike, CallPath } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { lstatPath } from '../remote/stat/lstat.js'
import { RefusedError } from '../remote/refused.js'
import { renamePath } from '../remote/change/rename.js'
import { statPath } from '../remote/stat/stat.js'
import { dirname } from '../wire/names/names.js'
import type { CallRunner } from './call-runner.js'

export function rename(runner: CallRunner, oldPath: PathLike, newPath: PathLike): Promise<void> {
  const from = runner.target(oldPath, 'rename', 'oldPath')
  const to = runner.target(newPath, 'rename', 'newPath')
  const work = async (call: Call): Promise<void> => {
    if ((from.folder || to.folder) && (await isFile(runner, call, from, to)))
      throw new RefusedError('ENOTDIR')
    await renamePath(runner.remote, call, from.path, to.path)
  }
  return runner.call('rename', from, 'change', work, to)
}

/** Whether all that is wrong is a slash behind a file. What else there may be, the server finds. */
async function isFile({ remote }: CallRunner, call: Call, from: CallPath, to: CallPath): Promise<boolean> {
  try {
    const asked = [lstatPath(remote, call, from.path), statPath(remote, call, dirname(to.path))]
    const [moved, folder] = await Promise.all(asked)
    return moved!.type !== 'directory' && folder!.type === 'directory'
  } catch (error) {
    if (error instanceof RefusedError) return false
    throw error
  }
}
