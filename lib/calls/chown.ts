import { integerArgument } from '../fs/arguments.js'
import type { PathLike } from '../fs/target.js'
import { LackingError } from '../remote/lacking.js'
import type { Calls } from './calls.js'

const mostUserId = 2 ** 32 - 1

export function chown(calls: Calls, path: PathLike, uid: number, gid: number): Promise<void> {
  return refuse(calls, 'chown', path, uid, gid)
}

export function lchown(calls: Calls, path: PathLike, uid: number, gid: number): Promise<void> {
  return refuse(calls, 'lchown', path, uid, gid)
}

/** ProFTPD 1.3.8 has SITE CHGRP for the group, and no server known has anything for the owner. */
function refuse(calls: Calls, syscall: string, path: PathLike, uid: number, gid: number): Promise<void> {
  const target = calls.target(path, syscall)
  integerArgument(uid, 'uid', -1, mostUserId)
  integerArgument(gid, 'gid', -1, mostUserId)
  const refused = new LackingError('FTP has no command for the owner of a file')
  return calls.call(syscall, target, 'read', () => calls.metadata(syscall, () => Promise.reject(refused)))
}
