// Finds remote files by fast-glob. It walks `concurrency` folders at a time, by default one for each processor: over a
// network more are better, as questions that wait together go in one round trip.
import glob from 'fast-glob'
import type { FtpVfs } from 'ftp-vfs'

/** The paths below `cwd`, relative to it. */
export function find({ fs }: FtpVfs, pattern: string | string[], cwd = '/'): Promise<string[]> {
  return glob(pattern, { fs, cwd, concurrency: 64 })
}
