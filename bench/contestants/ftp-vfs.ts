import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { FtpVfs } from '../../lib/index.js'
import type { Contestant, Entrant, Login } from './contestant.js'

/** This library: everything is asked for at once, and the pool decides what runs. */
export const ftpVfs: Entrant = { family: 'ftp-vfs', crew: () => 'all', enter }

/** What a version may have beside the streams. */
interface LocalFiles {
  upload?(local: string, path: string): Promise<void>
  download?(path: string, local: string): Promise<void>
}

async function enter({ ca, ...login }: Login, connections: number): Promise<Contestant> {
  const security = ca === undefined ? {} : ({ encryptionMode: 'Explicit', ca } as const)
  const vfs = new FtpVfs({ ...login, ...security, connections })
  const files = vfs as LocalFiles
  await Promise.all(Array.from({ length: connections }, () => vfs.connect()))
  const { sessions } = vfs.stats()
  if (sessions !== connections) throw new Error(`${sessions} sessions instead of ${connections}`)

  return {
    upload: (local, path) =>
      files.upload?.(local, path) ?? pipeline(createReadStream(local), vfs.createWriteStream(path)),
    download: (path, local) =>
      files.download?.(path, local) ?? pipeline(vfs.createReadStream(path), createWriteStream(local)),
    store: (path, source) => pipeline(source, vfs.createWriteStream(path)),
    retrieve: (path, sink) => {
      const options: object = connections > 1 ? { parallel: connections } : {}
      return pipeline(vfs.createReadStream(path, options), sink)
    },
    async uploadAll(paths, bytes) {
      await Promise.all(paths.map(path => vfs.writeFile(path, bytes)))
    },
    async downloadAll(paths) {
      return sum(await Promise.all(paths.map(async path => (await vfs.readFile(path)).length)))
    },
    async statAll(paths) {
      return sum(await Promise.all(paths.map(async path => (await vfs.stat(path)).size)))
    },
    async list(path) {
      return (await vfs.readdir(path, { withFileTypes: true })).length
    },
    async listOneByOne(path) {
      let count = 0
      for await (const _ of await vfs.opendir(path)) count++
      return count
    },
    async walk(path) {
      return (await vfs.readdir(path, { recursive: true, withFileTypes: true })).length
    },
    remove: path => vfs.rm(path, { recursive: true }),
    close: () => vfs.close(),
  }
}

const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0)
