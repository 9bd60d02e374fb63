// Finds remote files by glob: a pattern is matched by listings, of the folders alone that it can lead into.
import { glob, type Path } from 'glob'
import type { FtpVfs } from 'ftp-vfs'

/** The paths below `cwd`, relative to it. */
export function find({ fs }: FtpVfs, pattern: string, cwd = '/'): Promise<string[]> {
  return glob(pattern, { fs, cwd })
}

/** The same with sizes and times. */
export function findWithStats({ fs }: FtpVfs, pattern: string, cwd = '/'): Promise<Path[]> {
  return glob(pattern, { fs, cwd, stat: true, withFileTypes: true })
}
