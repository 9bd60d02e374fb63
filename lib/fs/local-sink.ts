import type { Stats } from 'node:fs'
import { chmod, open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { systemError } from './errors.js'
import { besides } from './local-path.js'

/**
 * A local file on its way down: a temporary file in the same folder, renamed when it is whole. What is there and is not a
 * regular file, such as a pipe or /dev/null, is written to itself, and from front to back.
 */
export class LocalSink {
  private constructor(
    private readonly file: FileHandle,
    private readonly path: string | Buffer,
    /** Undefined where the file itself is written to. */
    private readonly temporary: string | Buffer | undefined,
  ) {}

  /** Throws what Node's fs throws (ENOENT of a folder, EACCES), and EISDIR. */
  static async open(localPath: string | Buffer): Promise<LocalSink> {
    const there = await stat(localPath).catch(ifMissing)
    if (there?.isDirectory())
      throw systemError({ code: 'EISDIR', syscall: 'open', path: localPath.toString() })
    if (there && !there.isFile()) return new LocalSink(await open(localPath, 'w'), localPath, undefined)
    // A link stays one.
    const path = there ? await real(localPath) : localPath
    const temporary = besides(path)
    const file = await open(temporary, 'wx', there && modeOf(there))
    const sink = new LocalSink(file, path, temporary)
    try {
      // What is replaced may have been kept from others; the umask takes from what it gave to them.
      if (there) await chmod(temporary, modeOf(there))
      return sink
    } catch (error) {
      await sink.discard()
      throw error
    }
  }

  /** Whether it can be written in any order. */
  get seekable(): boolean {
    return this.temporary !== undefined
  }

  /** Writes the chunks one behind the other. */
  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let left = chunks
    for (let at = position; left.length > 0;) {
      const { bytesWritten } = await this.file.writev(left, this.seekable ? at : undefined)
      at += bytesWritten
      left = behind(left, bytesWritten)
    }
  }

  /** Gives it its name. */
  async keep(): Promise<void> {
    await this.file.close()
    if (this.temporary !== undefined) await rename(this.temporary, this.path)
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {})
    if (this.temporary !== undefined) await unlink(this.temporary).catch(() => {})
  }
}

const modeOf = ({ mode }: Stats): number => mode & 0o777

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function real(path: string | Buffer): Promise<string | Buffer> {
  return typeof path === 'string' ? realpath(path) : realpath(path, 'buffer')
}

function behind(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.length) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.length
  }
  return []
}
