// The File System Access API of browsers over FTP, by memfs: code written for `showDirectoryPicker()` runs on a server.
import { nodeToFsa } from 'memfs/lib/node-to-fsa/index.js'
import type { FtpVfs } from 'ftp-vfs'

export function directoryHandle({ fs }: FtpVfs, folder = '/') {
  // memfs 4.80.1 takes constants for needed that node:fs does not have either.
  return nodeToFsa(fs as never, folder, { mode: 'readwrite' })
}

/** Adds a line to a file, which is made where it is missing. The file is replaced when all is there, at `close`. */
export async function addLine(vfs: FtpVfs, folder: string, name: string, line: string): Promise<void> {
  const file = await directoryHandle(vfs, folder).getFileHandle(name, { create: true })
  const { size } = await file.getFile()
  const writable = await file.createWritable({ keepExistingData: true })
  await writable.write({ type: 'write', position: size, data: `${line}\n` })
  await writable.close()
}
