import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import path from 'node:path'

/** Bytes of a block. */
export const blockSize = 64 * 1024

interface TemporaryFile {
  readonly handle: FileHandle
  readonly path: string
}

const files = new Map<string, SpoolFile>()

/**
 * The temporary file of a directory, in blocks: all spools of the process that have more than
 * memory share it, so that thousands of them take one descriptor. It is there while a block of it
 * is in use.
 */
export class SpoolFile {
  readonly #free: number[] = []
  #file: Promise<TemporaryFile> | undefined
  /** How many blocks it has. */
  #blocks = 0

  private constructor(readonly directory: string) {}

  static in(directory: string): SpoolFile {
    const there = files.get(directory)
    if (there) return there
    const made = new SpoolFile(directory)
    files.set(directory, made)
    return made
  }

  /** A block, of which the bytes may be any. */
  take(): number {
    return this.#free.pop() ?? this.#blocks++
  }

  /** Takes blocks back. Behind the last one nothing is left behind. */
  async giveBack(blocks: Iterable<number>): Promise<void> {
    for (const block of blocks) this.#free.push(block)
    if (this.#free.length < this.#blocks) return
    const file = this.#file
    this.#file = undefined
    this.#blocks = this.#free.length = 0
    if (files.get(this.directory) === this) files.delete(this.directory)
    // It could not be made.
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

  /** Fills `into`, with bytes that were written. */
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
      // It is tried again with the next write.
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
    // Without a name nothing is left behind, whatever happens to the process; Windows cannot do
    // that.
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
