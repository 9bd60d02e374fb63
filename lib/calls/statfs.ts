import { StatFs } from '../fs/stat-fs.js'
import type { PathLike } from '../fs/call-path.js'
import { freeSpace } from '../remote/stat/free-space.js'
import type { Calls } from './calls.js'

export function statfs(
  calls: Calls,
  path: PathLike,
  options: { bigint?: boolean | undefined } = {},
): Promise<StatFs | StatFs<bigint>> {
  const target = calls.target(path, 'statfs')
  const { bigint = false } = options
  return calls.call('statfs', target, 'read', async call => {
    if (target.folder) await calls.refuseFile(call, target)
    const space = await freeSpace(calls.remote, call, target.path)
    return bigint ? new StatFs(space, BigInt) : new StatFs(space, Number)
  })
}
