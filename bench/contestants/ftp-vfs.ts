import { pipeline } from 'node:stream/promises'
import { FtpVfs } from '../../lib/index.js'
import type { Contestant, Login } from './contestant.js'

/** This library: everything is asked for at once, and the pool decides what runs. */
export async function enterFtpVfs({ ca, ...login }: Login, connections: number): Promise<Contestant> {
  const security = ca === undefined ? {} : ({ encryptionMode: 'Explicit', ca } as const)
  const vfs = new FtpVfs({ ...login, ...security, connections })
  await Promise.all(Array.from({ length: connections }, () => vfs.connect()))
  const { sessions } = vfs.stats()
  if (sessions !== connections) throw new Error(`${sessions} sessions instead of ${connections}`)

  return {
    upload: (path, source) => pipeline(source, vfs.createWriteStream(path)),
    download: (path, sink) => pipeline(vfs.createReadStream(path), sink),
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
    close: () => vfs.close(),
  }
}

const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0)
