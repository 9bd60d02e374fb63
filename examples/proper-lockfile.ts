// A lock that programs on several machines share by a folder on the server, with proper-lockfile.
import { lock } from 'proper-lockfile'
import type { FtpVfs } from 'ftp-vfs'

/**
 * Does the work while no other program holds the lock of the file.
 *
 * A holder shows that it is alive by the time of its folder. Open the FtpVfs with `unsupportedMetadata: 'throw'`: a server that
 * sets no times of folders then refuses the lock (ENOTSUP), and nothing is locked by halves.
 */
export async function whileLocked<T>({ fs }: FtpVfs, file: string, work: () => Promise<T>): Promise<T> {
  const retries = { retries: 50, minTimeout: 50, maxTimeout: 500 }
  const unlock = await lock(file, { fs, realpath: false, retries })
  try {
    return await work()
  } finally {
    await unlock()
  }
}
