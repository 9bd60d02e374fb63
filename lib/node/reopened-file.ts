import { open, type FileHandle } from 'node:fs/promises'

// Of this process. Its descriptors are few (often 1024, or 256), and sockets need some, too.
const maxOpen = 32

let held = 0
/** Open, and not in use; the one used last comes last. */
const idle = new Set<ReopenedFile>()
/** What waits until another is not in use. */
const waiting: (() => void)[] = []

/**
 * A local file that is written over a long time, perhaps with thousands of others. Few of them are
 * open at once: one that is not in use may be closed, and is opened again by its name.
 */
export class ReopenedFile {
  #handle: Promise<FileHandle> | undefined
  #users = 0
  #made = false

  /** `mode`: of the file, which must not be there. */
  constructor(
    readonly path: string | Buffer,
    readonly mode?: number,
  ) {}

  /** It has been opened once. */
  get made(): boolean {
    return this.#made
  }

  /** Does the work with the open file. Throws what Node's fs throws, when it is opened too. */
  async use<T>(work: (handle: FileHandle) => Promise<T>): Promise<T> {
    this.#users += 1
    idle.delete(this)
    try {
      return await work(await (this.#handle ??= this.#open()))
    } finally {
      this.#users -= 1
      if (this.#users === 0 && this.#handle) this.#rest()
    }
  }

  /** When it is not in use. Another use opens it again. */
  async close(): Promise<void> {
    idle.delete(this)
    const opening = this.#handle
    this.#handle = undefined
    const handle = await opening?.catch(() => undefined)
    if (!handle) return
    try {
      await handle.close()
    } finally {
      leave()
    }
  }

  #rest(): void {
    idle.add(this)
    if (waiting.length > 0) void this.close().catch(() => {})
  }

  async #open(): Promise<FileHandle> {
    await enter()
    try {
      const handle = await open(this.path, this.#made ? 'r+' : 'wx', this.mode)
      this.#made = true
      return handle
    } catch (error) {
      this.#handle = undefined
      leave()
      throw error
    }
  }
}

async function enter(): Promise<void> {
  if (held < maxOpen) {
    held += 1
    return
  }
  const entered = new Promise<void>(resolve => waiting.push(resolve))
  const [oldest] = idle
  // What fails at `close` was written before: its bytes are with the system.
  void oldest?.close().catch(() => {})
  await entered
}

/** One that waits takes the place. */
function leave(): void {
  const next = waiting.shift()
  if (next) next()
  else held -= 1
}
