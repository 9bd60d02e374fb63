import { ownerArgument } from '../node/io-arguments.js'
import type { PathLike } from '../fs/call-path.js'
import { noOwners } from '../remote/not-supported.js'
import type { Calls } from './calls.js'

export function chown(calls: Calls, path: PathLike, uid: number, gid: number): Promise<void> {
  return refuse(calls, 'chown', path, uid, gid)
}

export function lchown(calls: Calls, path: PathLike, uid: number, gid: number): Promise<void> {
  return refuse(calls, 'lchown', path, uid, gid)
}

function refuse(calls: Calls, syscall: string, path: PathLike, uid: number, gid: number): Promise<void> {
  const target = calls.target(path, syscall)
  ownerArgument(uid, 'uid')
  ownerArgument(gid, 'gid')
  return calls.call(syscall, target, 'read', () => calls.metadata(syscall, () => Promise.reject(noOwners())))
}
