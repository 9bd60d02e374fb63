import { ownerArgument } from '../node/io-arguments.js'
import type { PathLike } from '../fs/call-path.js'
import { noOwners } from '../remote/not-supported.js'
import type { CallRunner } from './call-runner.js'

export function chown(runner: CallRunner, path: PathLike, uid: number, gid: number): Promise<void> {
  return refuse(runner, 'chown', path, uid, gid)
}

export function lchown(runner: CallRunner, path: PathLike, uid: number, gid: number): Promise<void> {
  return refuse(runner, 'lchown', path, uid, gid)
}

function refuse(
  runner: CallRunner,
  syscall: string,
  path: PathLike,
  uid: number,
  gid: number,
): Promise<void> {
  const target = runner.target(path, syscall)
  ownerArgument(uid, 'uid')
  ownerArgument(gid, 'gid')
  return runner.call(syscall, target, 'read', () =>
    runner.metadata(syscall, () => Promise.reject(noOwners())),
  )
}
