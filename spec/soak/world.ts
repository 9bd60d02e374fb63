import { someBytes, someSize } from './content.js'
import type { Disk } from './disk.js'
import type { Random } from './random.js'
import { file, folder, Tree, type State } from './tree.js'

/** A folder that all workers list, and none changes. */
export interface Shared {
  readonly path: string
  readonly names: readonly string[]
}

/** Where one worker is alone: its folder on the server, and what has to be there. */
export class World {
  readonly tree = new Tree()

  constructor(
    /** On the server. */
    readonly folder: string,
    /** On this machine, for `upload` and `download`. */
    readonly local: string,
    readonly disk: Disk,
    readonly random: Random,
    readonly shared: Shared,
    /** Files are stored beside their place and then renamed. */
    readonly atomic: boolean,
    /** So many bytes at least are seen to go over a data connection. */
    readonly min: number,
  ) {}

  /** Makes it so on the server's disk and in the model. */
  async put(path: string, state: State, time?: Date): Promise<void> {
    // A folder in the place of a file, or the other way round.
    if (this.tree.get(path)?.kind !== state?.kind) {
      await this.disk.remove(path)
      for (const [each] of this.tree.below(path)) this.tree.set(each, undefined)
    }
    if (state) {
      for (let at = path.indexOf('/', 1); at >= 0; at = path.indexOf('/', at + 1))
        this.tree.set(path.slice(0, at), folder)
      await this.disk.put(path, state, time)
    }
    this.tree.set(path, state)
  }

  /** A path of a file; there may be one. */
  somePath(): string {
    const { random } = this
    const above = random.pick(['', '', '/d', '/d/e', '/f g'])
    return `${this.folder}${above}/${random.pick(['a', 'b', 'c d', 'e.txt'])}`
  }

  someBytes(size = someSize(this.random)): Buffer {
    return someBytes(this.random, size)
  }

  /** A file that is there, of so many bytes at least. */
  async someFile(min = 0): Promise<{ path: string; bytes: Buffer }> {
    const { random } = this
    const fit = this.tree
      .below(this.folder)
      .flatMap(([path, each]) =>
        each.kind === 'file' && each.bytes.length >= min ? [{ path, bytes: each.bytes }] : [],
      )
    if (fit.length > 0 && random.chance(0.6)) return random.pick(fit)
    const path = this.somePath()
    const bytes = this.someBytes(Math.max(min, someSize(random)))
    await this.put(path, file(bytes))
    return { path, bytes }
  }

  /** A folder with some files, and folders with some. */
  async someFolder(name: string): Promise<string> {
    const path = `${this.folder}/${name}`
    await this.put(path, undefined)
    await this.put(path, folder)
    const count = this.random.below(6)
    for (let at = 0; at < count; at++) {
      const above = this.random.pick(['', '/x', '/x/y z'])
      await this.put(`${path}${above}/${at}`, file(this.someBytes(this.random.below(3000))))
    }
    return path
  }
}
