import type * as fsPromises from 'node:fs/promises'
import { posix } from 'node:path'
import type { Entry, State } from './tree.js'

type Fs = Pick<
  typeof fsPromises,
  'chown' | 'lstat' | 'mkdir' | 'readFile' | 'readdir' | 'readlink' | 'rm' | 'unlink' | 'utimes' | 'writeFile'
>

/** The server's own disk, seen from outside of FTP. */
export class Disk {
  constructor(
    readonly fs: Fs,
    readonly root: string,
    /** Whom the server's files belong to. */
    readonly owner?: { uid: number; gid: number },
  ) {}

  async look(path: string): Promise<State> {
    const stats = await this.stats(path)
    if (!stats) return undefined
    const place = this.#place(path)
    if (stats.isDirectory()) return { kind: 'folder' }
    if (stats.isSymbolicLink()) return { kind: 'link', target: await this.fs.readlink(place) }
    return { kind: 'file', bytes: await this.fs.readFile(place) }
  }

  async stats(path: string): Promise<Awaited<ReturnType<Fs['lstat']>> | undefined> {
    try {
      return await this.fs.lstat(this.#place(path))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code!)) return undefined
      throw error
    }
  }

  /** Makes it so, with the folders above it. */
  async put(path: string, entry: Entry, time?: Date): Promise<void> {
    const place = this.#place(path)
    await this.#makeFolder(posix.dirname(path))
    if (entry.kind === 'folder') return this.#makeFolder(path)
    if (entry.kind === 'link') throw new Error('The server makes links itself')
    await this.fs.writeFile(place, entry.bytes)
    await this.#own(place)
    if (time) await this.fs.utimes(place, time, time)
  }

  async remove(path: string): Promise<void> {
    const place = this.#place(path)
    // memfs 4.80 removes what a link leads to.
    if ((await this.stats(path))?.isSymbolicLink()) return this.fs.unlink(place)
    await this.fs.rm(place, { recursive: true, force: true })
  }

  /** What is in a folder and in those below it: of a file its size. */
  async below(path: string): Promise<Map<string, number | 'folder' | 'link'>> {
    const found = new Map<string, number | 'folder' | 'link'>()
    const walk = async (folder: string): Promise<void> => {
      for (const name of await this.fs.readdir(this.#place(folder)).catch(() => [])) {
        const each = `${folder}/${name}`
        const stats = await this.stats(each)
        if (!stats) continue
        found.set(each, stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : Number(stats.size))
        if (stats.isDirectory()) await walk(each)
      }
    }
    await walk(path)
    return found
  }

  async #makeFolder(path: string): Promise<void> {
    if (path === '/' || (await this.stats(path))) return
    await this.#makeFolder(posix.dirname(path))
    await this.fs.mkdir(this.#place(path))
    await this.#own(this.#place(path))
  }

  async #own(place: string): Promise<void> {
    if (this.owner) await this.fs.chown(place, this.owner.uid, this.owner.gid)
  }

  #place(path: string): string {
    return this.root + path
  }
}
