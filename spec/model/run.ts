import type * as node from 'node:fs'
import { join } from 'node:path/posix'
import { promisify } from 'node:util'
import type { Outside } from '../conformance/target.js'
import { runs, type } from './data.js'
import { byDescriptor, type OpenFile } from './open-file.js'
import { operations, type Face, type ModelFs, type Step } from './operations.js'

/** An fs in its faces, and a folder in it. */
export interface Subject {
  readonly fs: typeof node
  /** The same by promises: `fs.promises`, or an FtpVfs. */
  readonly methods: object
  readonly root: string
  /** The same tree, by its own way. */
  readonly outside: Outside
  /** Copying is libuv's. */
  readonly isNode?: true
}

/** Sequences of steps in one folder. */
export class Run {
  readonly #odd: string
  readonly #faces: Record<Face, ModelFs>
  readonly #folder: string

  /** `odd`: stands for `odd` in the paths of the steps. */
  constructor(
    readonly subject: Subject,
    name: string,
    odd: string,
  ) {
    this.#folder = join(subject.root, name)
    this.#odd = odd
    this.#faces = facesOf(subject)
  }

  begin(): Promise<unknown> {
    return this.#faces.methods.mkdir(this.#folder)
  }

  /** What the step gives: its result, or all that is Node's in its error. */
  async outcome([name, face, ...given]: Step): Promise<object> {
    try {
      if (name === 'copyFile' && this.subject.isNode) await this.#refuseFolder(...(given as [string, string]))
      return { result: await operations[name]!.run(this.#faces[face], this.#at, ...(given as never[])) }
    } catch (error) {
      const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string }
      // An error without a code is none of an fs.
      if (code === undefined) throw error
      return { code, syscall, path: this.#inRun(path), dest: this.#inRun(dest) }
    }
  }

  /** Everything that is there, seen from outside: names, types and contents. */
  tree(): Promise<Record<string, unknown>> {
    const { fs, root } = this.subject.outside
    return tree(fs, root + this.#folder)
  }

  readonly #at = (path: string): string =>
    join(
      this.#folder,
      path.replaceAll('odd', () => this.#odd),
    )

  #inRun(path: string | undefined): string | undefined {
    return path?.replace(this.#folder, '')
  }

  /** libuv makes and opens the second file before it knows that the first is a folder, and then removes it, whatever it was. */
  async #refuseFolder(from: string, to: string): Promise<void> {
    const [path, dest] = [this.#at(from), this.#at(to)]
    const stats = await this.#faces.methods.stat(path).catch(() => undefined)
    if (!stats?.isDirectory()) return
    throw Object.assign(new Error('a folder'), { code: 'EISDIR', syscall: 'copyfile', path, dest })
  }
}

function facesOf({ fs, methods, isNode }: Subject): Record<Face, ModelFs> {
  const { createReadStream, createWriteStream } = fs
  const streams = { createReadStream, createWriteStream } as Record<string, unknown>
  // The other one walks down the path in JavaScript, and names the part of it and the `lstat` that failed.
  const { native } = fs.realpath
  const openFile = async (path: string, flags: string): Promise<OpenFile> =>
    byDescriptor(fs, await promisify(fs.open)(path, flags), isNode)
  const face = (find: (name: keyof ModelFs) => unknown): ModelFs =>
    new Proxy({}, { get: (_, name: string) => streams[name] ?? find(name as keyof ModelFs) }) as ModelFs
  return {
    methods: face(name => (methods as ModelFs)[name].bind(methods as never)),
    callbacks: face(name => {
      if (name === 'open') return openFile
      return promisify((name === 'realpath' ? native : fs[name]) as never)
    }),
    promises: face(name => (fs.promises as unknown as ModelFs)[name]),
  }
}

async function tree(fs: Outside['fs'], folder: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const name of (await fs.readdir(folder)).sort()) {
    const path = `${folder}/${name}`
    const stats = await fs.lstat(path)
    if (stats.isDirectory()) found[name] = await tree(fs, path)
    else found[name] = stats.isFile() ? `file ${runs(await fs.readFile(path))}` : type(stats)
  }
  return found
}
