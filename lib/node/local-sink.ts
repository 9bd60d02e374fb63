import { constants } from 'node:fs'
import { access, open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { systemError } from './node-errors.js'
import { besides, folderOf } from './local-path.js'
import { ReopenedFile } from './reopened-file.js'

/**
 * A local file on its way down: a temporary file in the same folder, made when the first bytes
 * come, and renamed when it is whole. What is there and is not a regular file, such as a pipe or
 * /dev/null, is written to itself, and from front to back.
 */
export interface LocalSink {
  /** Whether it can be written in any order. */
  readonly seekable: boolean
  /** Writes the chunks one behind the other. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>
  /** All is written: it gets its name. */
  keep(): Promise<void>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

/**
 * Looks at what is there; opens nothing, but for a pipe, which has to be waited for. Throws what
 * Node's fs throws (ENOENT of a folder, EACCES), and EISDIR.
 */
export async function localSink(localPath: string | Buffer): Promise<LocalSink> {
  const there = await stat(localPath).catch(ifMissing)
  if (there?.isDirectory()) throw systemError({ code: 'EISDIR', syscall: 'open', path: localPath.toString() })
  if (there && !there.isFile()) {
    const device = new Device(localPath)
    if (there.isFIFO()) await device.open()
    return device
  }
  // A link stays one.
  const path = there ? await real(localPath) : localPath
  await access(folderOf(path), constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    throw systemError({ code: error.code!, syscall: 'open', path: localPath.toString() })
  })
  return new Replacement(path, there && there.mode & 0o777)
}

/** Becomes the file at the path. */
class Replacement implements LocalSink {
  readonly seekable = true
  readonly #temporary: ReopenedFile
  #prepared: Promise<void> | undefined

  /** `mode`: that of the file which is replaced. */
  constructor(
    readonly path: string | Buffer,
    readonly mode: number | undefined,
  ) {
    this.#temporary = new ReopenedFile(besides(path), mode)
  }

  write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    return this.#temporary.use(async file => {
      await this.#prepare(file)
      await writeAll(file, chunks, position)
    })
  }

  async keep(): Promise<void> {
    await this.#temporary.use(file => this.#prepare(file))
    await this.#temporary.close()
    await rename(this.#temporary.path, this.path)
  }

  async discard(): Promise<void> {
    await this.#temporary.close().catch(() => {})
    if (this.#temporary.made) await unlink(this.#temporary.path).catch(() => {})
  }

  /** What is replaced may have been kept from others; the umask takes from what it gave to them. */
  #prepare(file: FileHandle): Promise<void> {
    return (this.#prepared ??= this.mode === undefined ? Promise.resolve() : file.chmod(this.mode))
  }
}

/** A pipe or a device. */
class Device implements LocalSink {
  readonly seekable = false
  #file: Promise<FileHandle> | undefined

  constructor(readonly path: string | Buffer) {}

  open(): Promise<FileHandle> {
    return (this.#file ??= open(this.path, 'w'))
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    await writeAll(await this.open(), chunks)
  }

  async keep(): Promise<void> {
    await (await this.open()).close()
  }

  async discard(): Promise<void> {
    await (await this.#file?.catch(() => undefined))?.close().catch(() => {})
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function real(path: string | Buffer): Promise<string | Buffer> {
  return typeof path === 'string' ? realpath(path) : realpath(path, 'buffer')
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[], position?: number): Promise<void> {
  let left = chunks
  for (let at = position; left.length > 0;) {
    const { bytesWritten } = await file.writev(left, at)
    if (at !== undefined) at += bytesWritten
    left = behind(left, bytesWritten)
  }
}

function behind(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.length) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.length
  }
  return []
}
