import { open, type FileHandle } from 'node:fs/promises'

// Per process: descriptors are few (often 1024, or 256), and sockets need some, too.
const maxOpen = 32

let held = 0
/** Open files that are not in use, the last used one last. */
const idle = new Set<ReopenedFile>()
/** Files that wait until another is not in use. */
const waiting: (() => void)[] = []

/**
 * A local file that is written over a long time, perhaps along with thousands of others. Only a few
 * of them are open: a file that is not in use may close, and opens again under its name.
 */
export class ReopenedFile {
  #handle: Promise<FileHandle> | undefined
  #users = 0
  #made = false

  /** The `mode` is that of the new file, which must not exist. */
  constructor(
    readonly path: string | Buffer,
    readonly mode?: number,
  ) {}

  /** Whether the file has been created. */
  get made(): boolean {
    return this.#made
  }

  /** Does the work with the open file. Throws Node's errors, also those of opening it. */
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

  /** Closes the file, which must not be in use. The next use opens it again. */
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
  // A failed `close` loses no bytes: the system has them already.
  void oldest?.close().catch(() => {})
  await entered
}

/** Passes the freed slot to a waiting file. */
function leave(): void {
  const next = waiting.shift()
  if (next) next()
  else held -= 1
}
