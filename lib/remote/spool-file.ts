import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import path from 'node:path'

/** The size of a block in bytes. */
export const blockSize = 64 * 1024

interface TemporaryFile {
  readonly handle: FileHandle
  readonly path: string
}

const files = new Map<string, SpoolFile>()

/**
 * The temporary file of a directory, in blocks. All spools of the process that exceed memory share
 * it, so that thousands of them need one descriptor. It exists while one of its blocks is in use.
 */
export class SpoolFile {
  readonly #free: number[] = []
  #file: Promise<TemporaryFile> | undefined
  /** The number of its blocks. */
  #blocks = 0

  private constructor(readonly directory: string) {}

  static in(directory: string): SpoolFile {
    const there = files.get(directory)
    if (there) return there
    const made = new SpoolFile(directory)
    files.set(directory, made)
    return made
  }

  /** A block with arbitrary bytes. */
  take(): number {
    return this.#free.pop() ?? this.#blocks++
  }

  /** Takes blocks back. Removes the file after the last one. */
  async giveBack(blocks: Iterable<number>): Promise<void> {
    for (const block of blocks) this.#free.push(block)
    if (this.#free.length < this.#blocks) return
    const file = this.#file
    this.#file = undefined
    this.#blocks = this.#free.length = 0
    if (files.get(this.directory) === this) files.delete(this.directory)
    // Undefined if the file could not be created.
    const made = await file?.catch(() => undefined)
    if (made) await close(made)
  }

  async write(block: number, offset: number, bytes: Uint8Array): Promise<void> {
    const { handle } = await this.#open()
    const position = block * blockSize + offset
    for (let written = 0; written < bytes.length;) {
      const left = bytes.length - written
      const { bytesWritten } = await handle.write(bytes, written, left, position + written)
      written += bytesWritten
    }
  }

  /** Fills `into` with written bytes. */
  async read(block: number, offset: number, into: Uint8Array): Promise<void> {
    const { handle, path } = await this.#open()
    const position = block * blockSize + offset
    for (let filled = 0; filled < into.length;) {
      const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled)
      if (bytesRead === 0) throw new Error(`The temporary file ${path} became shorter`)
      filled += bytesRead
    }
  }

  #open(): Promise<TemporaryFile> {
    if (!this.#file) {
      const opening = make(this.directory)
      this.#file = opening
      // The next write tries again.
      opening.catch(() => {
        if (this.#file === opening) this.#file = undefined
      })
    }
    return this.#file
  }
}

async function make(directory: string): Promise<TemporaryFile> {
  const name = path.join(directory, `ftp-vfs-${randomUUID()}`)
  const handle = await open(name, 'wx+', 0o600)
  const file = { handle, path: name }
  try {
    // A file without a name never outlives the process. Windows cannot unlink an open file.
    if (process.platform !== 'win32') await unlink(name)
  } catch (error) {
    await close(file)
    throw error
  }
  return file
}

async function close({ handle, path }: TemporaryFile): Promise<void> {
  await handle.close()
  if (process.platform === 'win32') await unlink(path)
}
