import { StatFs } from '../fs/stat-fs.js'
import type { PathLike } from '../fs/call-path.js'
import { freeSpace } from '../remote/stat/free-space.js'
import type { CallRunner } from './call-runner.js'

export function statfs(
  runner: CallRunner,
  path: PathLike,
  options: { bigint?: boolean | undefined } = {},
): Promise<StatFs | StatFs<bigint>> {
  const target = runner.target(path, 'statfs')
  const { bigint = false } = options
  return runner.call('statfs', target, 'read', async call => {
    if (target.folder) await runner.refuseFile(call, target)
    const space = await freeSpace(runner.remote, call, target.path)
    return bigint ? new StatFs(space, BigInt) : new StatFs(space, Number)
  })
}
