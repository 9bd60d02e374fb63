// Packs a remote folder into a tar archive, and extracts an archive there, by tar-fs. Nothing is stored on the way.
import { pipeline } from 'node:stream/promises'
import tar from 'tar-fs'
import type { FtpVfs } from 'ftp-vfs'

export async function pack({ fs }: FtpVfs, folder: string, archive: NodeJS.WritableStream): Promise<void> {
  const options: object = { fs } // which @types/tar-fs does not know
  await pipeline(tar.pack(folder, options), archive)
}

/** When it runs as root, tar-fs sets owners, too. FTP cannot: `chown: false` saves the question. */
export async function extract({ fs }: FtpVfs, archive: NodeJS.ReadableStream, folder: string): Promise<void> {
  const options: object = { fs, chown: false }
  await pipeline(archive, tar.extract(folder, options))
}
