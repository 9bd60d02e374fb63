import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import path from 'node:path'

const memory = 2 ** 20
const chunkSize = 256 * 1024

/** Bytes that wait, in memory up to 1 MiB and behind that in a temporary file, to be read as often as needed. */
export class Spool {
  size = 0
  #chunks: Buffer[] = []
  #file: { handle: FileHandle; path: string } | undefined

  /** `directory`: where the temporary file is made, when one is needed. */
  constructor(readonly directory: string) {}

  /** Whether more than this would make a temporary file. */
  get full(): boolean {
    return this.size >= memory
  }

  async append(chunk: Uint8Array): Promise<void> {
    if (this.#file) {
      await writeAll(this.#file.handle, chunk, this.size)
    } else {
      // A copy: the giver may use the memory again.
      this.#chunks.push(Buffer.from(chunk))
    }
    this.size += chunk.length
    if (!this.#file && this.size > memory) await this.#toFile()
  }

  /** Writes into what is there, and behind its end. A gap is filled with zeros. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    await this.#toFile()
    await writeAll(this.#file!.handle, chunk, position)
    this.size = Math.max(this.size, position + chunk.length)
  }

  /** The bytes from a position on, as they are now. */
  async *read(position = 0): AsyncGenerator<Buffer> {
    if (!this.#file) {
      for (const chunk of this.#chunks) {
        if (position < chunk.length) yield position > 0 ? chunk.subarray(position) : chunk
        position = Math.max(0, position - chunk.length)
      }
      return
    }
    while (position < this.size) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkSize, this.size - position))
      const { bytesRead } = await this.#file.handle.read(buffer, 0, buffer.length, position)
      if (bytesRead === 0) throw new Error(`The temporary file ${this.#file.path} became shorter`)
      yield buffer.subarray(0, bytesRead)
      position += bytesRead
    }
  }

  async dispose(): Promise<void> {
    this.#chunks = []
    const file = this.#file
    this.#file = undefined
    await file?.handle.close()
    if (file && process.platform === 'win32') await unlink(file.path)
  }

  async #toFile(): Promise<void> {
    if (this.#file) return
    const name = path.join(this.directory, `ftp-vfs-${randomUUID()}`)
    const handle = await open(name, 'wx+', 0o600)
    this.#file = { handle, path: name }
    // Without a name nothing is left behind, whatever happens to the process; Windows cannot do that.
    if (process.platform !== 'win32') await unlink(name)
    await writeAll(handle, Buffer.concat(this.#chunks), 0)
    this.#chunks = []
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}
