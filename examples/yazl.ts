// Zips files straight into a file on the server, by yazl, and reads single files out of such an archive, by yauzl. Neither
// stores anything here: yazl needs one pass, yauzl fetches the archive's directory and then the ranges asked for.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl'
import { ZipFile } from 'yazl'
import type { FtpVfs } from 'ftp-vfs'

/** `files`: local paths by their names in the archive. */
export async function zip({ fs }: FtpVfs, files: Record<string, string>, archive: string): Promise<void> {
  const zipped = new ZipFile()
  for (const [name, path] of Object.entries(files)) {
    zipped.addReadStreamLazy(name, callback => callback(null, createReadStream(path)))
  }
  zipped.end()
  await pipeline(zipped.outputStream, fs.createWriteStream(archive))
}

class RemoteReader extends RandomAccessReader {
  constructor(
    readonly fs: FtpVfs['fs'],
    readonly path: string,
  ) {
    super()
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.fs.createReadStream(this.path, { start, end: end - 1 })
  }
}

/** The wanted files of an archive, by their names in it. */
export async function unzip(
  { fs }: FtpVfs,
  archive: string,
  wanted: (name: string) => boolean = () => true,
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const { size } = await fs.promises.stat(archive)
  const zipped = await fromRandomAccessReaderPromise(new RemoteReader(fs, archive), size)
  for await (const entry of zipped.eachEntry()) {
    const { fileName } = entry
    if (wanted(fileName)) files.set(fileName, await buffer(await zipped.openReadStreamPromise(entry)))
  }
  return files
}
