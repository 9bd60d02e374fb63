import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { fileChanged, type FileVersion } from './file-version.js'
import { canRestart } from './prove-restart.js'
import { Reader, type ReaderOptions } from './reader.js'
import type { Remote } from '../remote.js'
import { WholeFile } from './whole-file.js'

// Bytes.
const defaultWindow = 256 * 1024
const minRange = 64 * 1024
const smallFile = 64 * 1024
const maxKept = 512 * 1024

// Milliseconds without a read after which the session is given back. The timer does not keep the
// process alive.
const patience = 2_000

/**
 * Reads a file at any position.
 *
 * Sequential reads share a data connection, even across small gaps. A read elsewhere ends it and
 * begins a range of a few times its own length, which ends by itself: so a jump does not wait for
 * the end of the segment before it, and the next jump finds the session free. A read that continues
 * behind that range begins the rest of the file. The bytes read last are kept, and a small file as
 * a whole. If REST cannot be trusted, a read away from the beginning fetches the whole file once.
 */
export class ReadAhead {
  /** Received chunks, whether read or not. The most recently used is last. */
  readonly #kept: { start: number; bytes: Buffer }[] = []
  #keptBytes = 0
  #reader: Reader | undefined
  /** The position in the file of the next bytes of the reader. */
  #next = 0
  #facts: FileVersion | undefined
  /** The true length of the file, once its end was read. */
  #length: number | undefined
  /** The fetched whole file, if ranges cannot be read. */
  #whole: WholeFile | undefined
  #idle: NodeJS.Timeout | undefined
  #ending: Promise<void> = Promise.resolve()

  /** `size`: the reported size of the file. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly size: number,
  ) {}

  /** The version of the file. Its time is unknown until something was read. */
  get facts(): FileVersion {
    return { ...this.#facts, size: this.size }
  }

  /**
   * Fills `into` as far as the file extends. Resolves with the number of bytes. `wanted`: how many
   * bytes the caller will read from `position` on, as far as it knows. Throws ERR_FTP_FILE_CHANGED.
   */
  async read(into: Uint8Array, position: number, wanted = into.length): Promise<number> {
    clearTimeout(this.#idle)
    let filled = 0
    try {
      while (filled < into.length) {
        const at = position + filled
        const bytes = this.#find(at) ?? (await this.#fetch(at, wanted - filled))
        if (!bytes) break
        const part = bytes.subarray(0, into.length - filled)
        into.set(part, filled)
        filled += part.length
      }
      return filled
    } finally {
      this.#rest()
    }
  }

  /** Whether the file may be longer than reported, and checking that costs little. */
  get mayGoOn(): boolean {
    if (this.#length !== undefined) return false
    return this.#nearEnd || this.size === 0
  }

  /** Finds the true length of the file: reads its last byte, or behind its reported end. */
  async findLength(): Promise<number> {
    clearTimeout(this.#idle)
    try {
      while (this.#length === undefined) {
        const behind = this.#nearEnd || this.size <= smallFile
        await this.#fetch(behind ? Math.max(this.size, this.#next) : this.size - 1, 1)
      }
      return this.#length
    } finally {
      this.#rest()
    }
  }

  /** Ends the segment, if any. Received bytes are kept, and reading can resume. */
  async end(): Promise<void> {
    clearTimeout(this.#idle)
    const reader = this.#reader
    this.#reader = undefined
    if (reader) this.#ending = this.#end(reader)
    await this.#ending
  }

  /** Ends the segment for good. */
  async close(): Promise<void> {
    await this.end()
    await this.#whole?.dispose()
  }

  /** The segment reaches the end of the file soon. */
  get #nearEnd(): boolean {
    return this.#reader?.end === Infinity && this.size - this.#next <= defaultWindow
  }

  /** Ends the segment after a while without a read. */
  #rest(): void {
    if (this.#reader) this.#idle = setTimeout(() => void this.end(), patience).unref()
  }

  async #end(reader: Reader): Promise<void> {
    await reader.close()
    // No read is left that an error of this segment could concern.
    for (const chunk of (await reader.readMany().catch(() => undefined)) ?? []) this.#keep(chunk)
    this.#length ??= reader.length
  }

  /** The kept bytes from the position on. */
  #find(position: number): Buffer | undefined {
    const index = this.#kept.findLastIndex(
      ({ start, bytes }) => start <= position && position < start + bytes.length,
    )
    const found = this.#kept[index]
    if (!found) return undefined
    if (index < this.#kept.length - 1) this.#kept.push(...this.#kept.splice(index, 1))
    return found.bytes.subarray(position - found.start)
  }

  #keep(bytes: Buffer): void {
    this.#kept.push({ start: this.#next, bytes })
    this.#next += bytes.length
    this.#keptBytes += bytes.length
    while (this.#keptBytes > maxKept && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()!.bytes.length
    }
  }

  /** Fetches bytes from the position on. Undefined behind the end of the file. */
  async #fetch(position: number, wanted: number): Promise<Buffer | undefined> {
    const reader = await this.#readerFor(position, wanted)
    if (!reader) return this.#fromWhole(position)
    try {
      for (;;) {
        const chunk = await reader.read()
        if (!chunk) {
          this.#length = reader.length ?? this.#next
          return undefined
        }
        const start = this.#next
        this.#keep(chunk)
        if (this.#next > position) return chunk.subarray(position - start)
      }
    } catch (error) {
      await this.end()
      throw error
    }
  }

  async #fromWhole(position: number): Promise<Buffer | undefined> {
    this.#whole ??= new WholeFile(this.remote, this.path)
    const spool = await this.#whole.fetch(this.call, this.#checked)
    this.#length = spool.size
    for await (const bytes of spool.read(position)) return bytes
    return undefined
  }

  /** The reader for the position. Undefined if ranges cannot be read. */
  async #readerFor(position: number, wanted: number): Promise<Reader | undefined> {
    if (this.#whole) return undefined
    const reader = this.#reader
    const skipped = position - this.#next
    if (reader && skipped >= 0 && skipped <= defaultWindow && position < reader.end) return reader
    await this.end()
    // Computed after `end`, which keeps bytes that may extend up to this position.
    const sequential = position === this.#next
    const start = this.size <= smallFile ? 0 : position
    if (start > 0 && !(await canRestart(this.remote, this.call, this.path))) return undefined
    const end = start + Math.max(minRange, 4 * wanted)
    this.#next = start
    this.#reader = new Reader(this.remote, this.call, this.path, {
      start,
      ...(!sequential && end + minRange < this.size && { end: end - 1 }),
      ...this.#checked,
    })
    return this.#reader
  }

  /** The version that the file must have. */
  get #checked(): Pick<ReaderOptions, 'facts' | 'onFacts'> {
    return {
      facts: this.#facts,
      onFacts: facts => {
        // A file that has grown is still read, up to its old size.
        if (facts.size !== undefined && facts.size < this.size) throw fileChanged()
        this.#facts = facts
      },
    }
  }
}
