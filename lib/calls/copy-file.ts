import { constants } from 'node:fs'
import { flagBitsArgument } from '../node/arguments.js'
import { systemError } from '../node/node-errors.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { copyFile as copy } from '../remote/change/copy.js'
import type { Calls } from './calls.js'

export function copyFile(calls: Calls, src: PathLike, dest: PathLike, mode?: number): Promise<void> {
  const bits = flagBitsArgument(mode)
  const from = calls.target(src, 'copyfile', 'src')
  const to = calls.target(dest, 'copyfile', 'dest')
  if (bits & constants.COPYFILE_FICLONE_FORCE) {
    const detail = 'FTP has no copy-on-write'
    throw systemError({ code: 'ENOTSUP', syscall: 'copyfile', path: from.given, dest: to.given, detail })
  }
  const exclusive = (bits & constants.COPYFILE_EXCL) !== 0
  const work = (call: Call): Promise<void> =>
    copy(calls.remote, call, from.path, to.path, { exclusive, folder: to.folder })
  return calls.call('copyfile', from, 'read', calls.onFolder(from, work), to)
}
