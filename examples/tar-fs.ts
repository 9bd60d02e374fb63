// Packs a remote folder into a tar archive, and extracts an archive there, by tar-fs. Nothing is stored on the way.
import { pipeline } from 'node:stream/promises'
import tar from 'tar-fs'
import type { FtpVfs } from 'ftp-vfs'

export async function pack({ fs }: FtpVfs, folder: string, archive: NodeJS.WritableStream): Promise<void> {
  const options: object = { fs } // which @types/tar-fs does not know
  await pipeline(tar.pack(folder, options), archive)
}

/** As root, tar-fs sets owners, too. FTP cannot, and some servers set no times of folders: `vfs.fs` passes over both. */
export async function extract({ fs }: FtpVfs, archive: NodeJS.ReadableStream, folder: string): Promise<void> {
  const options: object = { fs }
  await pipeline(archive, tar.extract(folder, options))
}
