import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import path from 'node:path'

const usualMemory = 2 ** 20
const chunkSize = 64 * 1024

interface TemporaryFile {
  handle: FileHandle
  path: string
}

/** Bytes that wait, in memory and, where they are more, in a temporary file, to be read as often as needed. */
export class Spool {
  size = 0
  /** The bytes, and room for more. */
  #memory = Buffer.alloc(0)
  #file: TemporaryFile | undefined

  /** `directory`: where the temporary file is made, when one is needed. `memory`: how many bytes wait without. */
  constructor(
    readonly directory: string,
    readonly memory = usualMemory,
  ) {}

  /** Whether more than this would make a temporary file. */
  get full(): boolean {
    return this.size >= this.memory
  }

  /** Takes a copy: the giver may use the memory again. */
  append(chunk: Uint8Array): Promise<void> {
    return this.write(chunk, this.size)
  }

  /** Writes into what is there, and behind its end. A gap is filled with zeros. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    const end = Math.max(this.size, position + chunk.length)
    if (!this.#file && end <= this.memory) {
      this.#grow(end)
      this.#memory.set(chunk, position)
    } else {
      await writeAll(await this.#temporaryFile(), chunk, position)
    }
    this.size = end
  }

  /** The bytes from a position on, as they are now, up to an end. */
  async *read(position = 0, end = this.size): AsyncGenerator<Buffer> {
    while (position < end) {
      const next = Math.min(position + chunkSize, end)
      yield this.#file ? await this.#fromFile(position, next) : this.#memory.subarray(position, next)
      position = next
    }
  }

  /** Forgets all; what is written later waits in memory again. */
  async dispose(): Promise<void> {
    this.size = 0
    this.#memory = Buffer.alloc(0)
    const file = this.#file
    this.#file = undefined
    if (file) await close(file)
  }

  #grow(size: number): void {
    if (size <= this.#memory.length) return
    const old = this.#memory
    this.#memory = Buffer.alloc(Math.max(size, Math.min(2 * old.length, this.memory)))
    this.#memory.set(old)
  }

  async #temporaryFile(): Promise<FileHandle> {
    if (this.#file) return this.#file.handle
    const name = path.join(this.directory, `ftp-vfs-${randomUUID()}`)
    const handle = await open(name, 'wx+', 0o600)
    const file = { handle, path: name }
    try {
      // Without a name nothing is left behind, whatever happens to the process; Windows cannot do that.
      if (process.platform !== 'win32') await unlink(name)
      await writeAll(handle, this.#memory.subarray(0, this.size), 0)
    } catch (error) {
      // The disk is full: what is in memory is good still.
      await close(file)
      throw error
    }
    this.#file = file
    this.#memory = Buffer.alloc(0)
    return handle
  }

  async #fromFile(from: number, to: number): Promise<Buffer> {
    const { handle, path } = this.#file!
    const buffer = Buffer.allocUnsafe(to - from)
    for (let filled = 0; filled < buffer.length;) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled)
      if (bytesRead === 0) throw new Error(`The temporary file ${path} became shorter`)
      filled += bytesRead
    }
    return buffer
  }
}

async function close({ handle, path }: TemporaryFile): Promise<void> {
  await handle.close()
  if (process.platform === 'win32') await unlink(path)
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}
