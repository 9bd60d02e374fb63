import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FtpVfs } from '../../lib/index.js'

/** The bytes that are to be stored, wherever a way takes them from. */
export interface Source {
  readonly bytes: Buffer
  /** A file on the local disk. */
  readonly local: string
  /** A file on the server. */
  readonly remote: string
}

export interface Way {
  readonly store: (vfs: FtpVfs, path: string, source: Source) => Promise<void>
  /** The source can be read but once: what was lost on the way cannot be sent again. */
  readonly once?: true
}

/** Every way to store a whole file. */
export const uploadWays: Record<string, Way> = {
  writeFile: { store: (vfs, path, { bytes }) => vfs.writeFile(path, bytes) },
  copyFile: { store: (vfs, path, { remote }) => vfs.copyFile(remote, path) },
  upload: { store: (vfs, path, { local }) => vfs.upload(local, path) },
  FileHandle: {
    store: async (vfs, path, { bytes }) => {
      const file = await vfs.open(path, 'w')
      await file.write(bytes)
      await file.close()
    },
  },
  createWriteStream: {
    store: (vfs, path, { bytes }) => pipeline(Readable.from(pieces(bytes)), vfs.createWriteStream(path)),
    once: true,
  },
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  const length = 64 * 1024
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
