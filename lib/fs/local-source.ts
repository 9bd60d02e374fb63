import { constants, type BigIntStats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import type { Source } from '../remote/write/source.js'
import { FtpError } from '../wire/ftp-errors.js'
import { systemError } from '../node/node-errors.js'

// Bytes. Chunks are passed on in pieces that a slow line takes in moderate time.
const pieceSize = 256 * 1024

/**
 * A local file as the source of an upload. It is open only while it has a session, or is read:
 * thousands may wait for their turns, and a process has few descriptors. It is read one chunk ahead
 * of the transfer, into two buffers.
 */
export class LocalSource implements Source {
  onSent: ((bytes: number) => void) | undefined
  /** The state of the file when its turn comes. A later change is an error. */
  #begun: BigIntStats
  #hasBegun = false
  #file: Promise<FileHandle> | undefined
  #users = 0
  #buffers: [Buffer, Buffer] | undefined

  private constructor(
    readonly path: string | Buffer,
    readonly chunkSize: number,
    found: BigIntStats,
  ) {
    this.#begun = found
  }

  /**
   * Finds the file without opening it. Throws the errors of Node's fs (ENOENT), EISDIR, and EINVAL
   * if it is not a regular file.
   */
  static async find(path: string | Buffer, chunkSize: number): Promise<LocalSource> {
    const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
      throw systemError({ code: error.code!, syscall: 'open', path: path.toString() })
    })
    refuseOthers(found, path)
    return new LocalSource(path, chunkSize, found)
  }

  get size(): number {
    return Number(this.#begun.size)
  }

  /** Throws the errors of `find`, those of Node's fs (EACCES), and ERR_FTP_SOURCE_CHANGED. */
  async open(): Promise<void> {
    await this.#use()
  }

  async close(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    const file = this.#file
    this.#file = this.#buffers = undefined
    await (await file?.catch(() => undefined))?.close()
  }

  async *read(position: number): AsyncGenerator<Uint8Array> {
    const file = await this.#use()
    let next = this.#chunk(file, position, 0)
    try {
      for (let at = position, turn = 1; at < this.size; turn = 1 - turn) {
        const chunk = await next
        next = this.#chunk(file, at + chunk.length, turn)
        // May never be awaited.
        next.catch(() => {})
        for (let sent = 0; sent < chunk.length; sent += pieceSize) {
          yield chunk.subarray(sent, sent + pieceSize)
        }
        at += chunk.length
      }
      await this.#check(file)
    } finally {
      // Before the file is closed, and the buffers are used again.
      await next.catch(() => {})
      await this.close()
    }
  }

  async #use(): Promise<FileHandle> {
    this.#users += 1
    try {
      return await (this.#file ??= this.#reopen())
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async #reopen(): Promise<FileHandle> {
    // Without O_NONBLOCK, a pipe would block until another process writes to it.
    const file = await open(this.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const now = await file.stat({ bigint: true })
      refuseOthers(now, this.path)
      if (!this.#hasBegun) this.#begun = now
      else if (now.ino !== this.#begun.ino || now.dev !== this.#begun.dev)
        throw this.#changed('there is another file in its place')
      else this.#compare(now)
      this.#hasBegun = true
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #chunk(file: FileHandle, position: number, turn: number): Promise<Buffer> {
    const length = Math.min(this.chunkSize, this.size - position)
    if (length <= 0) return Buffer.alloc(0)
    const max = Math.min(this.chunkSize, this.size)
    this.#buffers ??= [Buffer.allocUnsafeSlow(max), Buffer.allocUnsafeSlow(max)]
    const buffer = this.#buffers[turn]!.subarray(0, length)
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) throw this.#changed('it became shorter')
      filled += bytesRead
    }
    return buffer
  }

  /** Checks that the file is still the one that was begun. */
  async #check(file: FileHandle): Promise<void> {
    this.#compare(await file.stat({ bigint: true }))
    // The files of /proc have more bytes than their size says.
    const { bytesRead } = await file.read(Buffer.alloc(1), 0, 1, this.size)
    if (bytesRead > 0) throw this.#changed(`it has more bytes than the ${this.size} that its size tells`)
  }

  #compare(now: BigIntStats): void {
    if (now.size !== this.#begun.size)
      throw this.#changed(`it had ${this.size} bytes, and has ${now.size} now`)
    if (now.mtimeNs !== this.#begun.mtimeNs) throw this.#changed('it has another time now')
  }

  #changed(how: string): FtpError {
    const message = `The local file ${this.path.toString()} was changed while it was being uploaded: ${how}`
    return new FtpError('ERR_FTP_SOURCE_CHANGED', message)
  }
}

function refuseOthers(found: BigIntStats, path: string | Buffer): void {
  if (found.isDirectory()) throw systemError({ code: 'EISDIR', syscall: 'read', path: path.toString() })
  if (found.isFile()) return
  const detail = 'it is not a regular file: read it as a stream, into createWriteStream'
  throw systemError({ code: 'EINVAL', syscall: 'open', path: path.toString(), detail })
}
