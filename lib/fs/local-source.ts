import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Source } from '../remote/write/source.js'
import { FtpError } from '../wire/errors.js'
import { systemError } from './errors.js'

// What a chunk is handed on in: a slow line takes this much in moderate time.
const pieceSize = 256 * 1024

/** A local file on its way up. It is read one chunk ahead of what is being sent, into two buffers. */
export class LocalSource implements Source {
  readonly size: number
  onSent: ((bytes: number) => void) | undefined
  #buffers: [Buffer, Buffer] | undefined

  private constructor(
    readonly path: string | Buffer,
    readonly file: FileHandle,
    readonly begun: BigIntStats,
    readonly chunkSize: number,
  ) {
    this.size = Number(begun.size)
  }

  /** Throws what Node's fs throws (ENOENT, EACCES), EISDIR, and EINVAL for what is not a regular file. */
  static async open(path: string | Buffer, chunkSize: number): Promise<LocalSource> {
    // Else a pipe would be waited for until somebody writes to it.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const begun = await file.stat({ bigint: true })
      if (begun.isDirectory()) throw systemError({ code: 'EISDIR', syscall: 'read', path: path.toString() })
      if (!begun.isFile()) {
        const detail = 'it is not a regular file: read it as a stream, into createWriteStream'
        throw systemError({ code: 'EINVAL', syscall: 'open', path: path.toString(), detail })
      }
      return new LocalSource(path, file, begun, chunkSize)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async *read(position: number): AsyncGenerator<Uint8Array> {
    let next = this.#chunk(position, 0)
    try {
      for (let at = position, turn = 1; at < this.size; turn = 1 - turn) {
        const chunk = await next
        next = this.#chunk(at + chunk.length, turn)
        // Awaited later, perhaps never.
        next.catch(() => {})
        for (let sent = 0; sent < chunk.length; sent += pieceSize) {
          yield chunk.subarray(sent, sent + pieceSize)
        }
        at += chunk.length
      }
      await this.#check()
    } finally {
      // The file may be closed, and the buffers be used again, only then.
      await next.catch(() => {})
    }
  }

  async close(): Promise<void> {
    await this.file.close()
  }

  async #chunk(position: number, turn: number): Promise<Buffer> {
    const length = Math.min(this.chunkSize, this.size - position)
    if (length <= 0) return Buffer.alloc(0)
    const most = Math.min(this.chunkSize, this.size)
    this.#buffers ??= [Buffer.allocUnsafeSlow(most), Buffer.allocUnsafeSlow(most)]
    const buffer = this.#buffers[turn]!.subarray(0, length)
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await this.file.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) throw this.#changed('it became shorter')
      filled += bytesRead
    }
    return buffer
  }

  /** That it is still the file that was begun. */
  async #check(): Promise<void> {
    const now = await this.file.stat({ bigint: true })
    if (now.size !== this.begun.size)
      throw this.#changed(`it had ${this.size} bytes, and has ${now.size} now`)
    if (now.mtimeNs !== this.begun.mtimeNs) throw this.#changed('it has another time now')
    // The files of /proc have more bytes than they say.
    const { bytesRead } = await this.file.read(Buffer.alloc(1), 0, 1, this.size)
    if (bytesRead > 0) throw this.#changed(`it has more bytes than the ${this.size} that its size tells`)
  }

  #changed(how: string): FtpError {
    const message = `The local file ${this.path.toString()} was changed while it was being uploaded: ${how}`
    return new FtpError('ERR_FTP_SOURCE_CHANGED', message)
  }
}
