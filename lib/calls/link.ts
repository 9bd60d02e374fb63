import { systemError } from '../node/node-errors.js'
import type { PathLike } from '../fs/call-path.js'
import type { Calls } from './calls.js'

export function link(calls: Calls, existingPath: PathLike, newPath: PathLike): Promise<void> {
  const { given: path } = calls.target(existingPath, 'link', 'existingPath')
  const { given: dest } = calls.target(newPath, 'link', 'newPath')
  const detail = 'FTP has no hard links'
  return Promise.reject(systemError({ code: 'ENOTSUP', syscall: 'link', path, dest, detail }))
}
