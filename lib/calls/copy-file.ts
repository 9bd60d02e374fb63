import { constants } from 'node:fs'
import { flagBitsArgument } from '../node/arguments.js'
import { systemError } from '../node/node-errors.js'
import type { PathLike } from '../fs/call-path.js'
import type { Call } from '../pool/call.js'
import { copyContent } from '../remote/change/copy.js'
import type { CallRunner } from './call-runner.js'

export function copyFile(runner: CallRunner, src: PathLike, dest: PathLike, mode?: number): Promise<void> {
  const bits = flagBitsArgument(mode)
  const from = runner.target(src, 'copyfile', 'src')
  const to = runner.target(dest, 'copyfile', 'dest')
  if (bits & constants.COPYFILE_FICLONE_FORCE) {
    const detail = 'FTP has no copy-on-write'
    throw systemError({ code: 'ENOTSUP', syscall: 'copyfile', path: from.given, dest: to.given, detail })
  }
  const exclusive = (bits & constants.COPYFILE_EXCL) !== 0
  const work = (call: Call): Promise<void> =>
    copyContent(runner.remote, call, from.path, to.path, { exclusive, folder: to.folder })
  return runner.call('copyfile', from, 'read', runner.onFolder(from, work), to)
}
