import { systemError } from '../node/node-errors.js'
import type { PathLike } from '../fs/call-path.js'
import type { CallRunner } from './call-runner.js'

export function link(runner: CallRunner, existingPath: PathLike, newPath: PathLike): Promise<void> {
  const { given: path } = runner.target(existingPath, 'link', 'existingPath')
  const { given: dest } = runner.target(newPath, 'link', 'newPath')
  const detail = 'FTP has no hard links'
  return Promise.reject(systemError({ code: 'ENOTSUP', syscall: 'link', path, dest, detail }))
}
