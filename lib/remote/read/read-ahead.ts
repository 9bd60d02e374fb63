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

// Milliseconds: who reads no more for so long keeps no session, and the process not alive.
const patience = 2_000

/**
 * A file's bytes, from wherever they are asked for.
 *
 * Reads that follow one another share a data connection, as do those that leave out a little. A
 * read elsewhere ends it and begins a range of a few times its own length, which ends by itself: so
 * a jump does not wait for the end of the segment before it, and the next one finds the session
 * free. Who reads on behind that range gets the rest of the file. What was read last is kept, and a
 * small file as a whole. Where REST is not to be trusted, a file that is read elsewhere than from
 * its beginning on is fetched once.
 */
export class ReadAhead {
  /** What has come and was read, or may be; the one used last comes last. */
  readonly #kept: { start: number; bytes: Buffer }[] = []
  #keptBytes = 0
  #reader: Reader | undefined
  /** Where the next bytes of the reader belong. */
  #next = 0
  #facts: FileVersion | undefined
  /** How long the file is, once that has shown. */
  #length: number | undefined
  /** All of it is fetched. */
  #whole: WholeFile | undefined
  #idle: NodeJS.Timeout | undefined
  #ending: Promise<void> = Promise.resolve()

  /** `size`: how long the file is said to be. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly size: number,
  ) {}

  /** By what the file is known again; its time is known when something was read. */
  get facts(): FileVersion {
    return { ...this.#facts, size: this.size }
  }

  /**
   * Fills `into`, as far as the file reaches; resolves with how many bytes there were. `wanted`:
   * how many bytes will be read from there on, as far as it is known. Throws ERR_FTP_FILE_CHANGED.
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

  /**
   * Whether the file may be longer than it is said to be, which can be found out at little cost.
   */
  get mayGoOn(): boolean {
    if (this.#length !== undefined) return false
    return this.#nearEnd || this.size === 0
  }

  /** How long the file is: what lies behind the end that was told is read, or its last byte. */
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

  /** Ends the segment, if there is one. What has come is kept, and reading can go on. */
  async end(): Promise<void> {
    clearTimeout(this.#idle)
    const reader = this.#reader
    this.#reader = undefined
    if (reader) this.#ending = this.#end(reader)
    await this.#ending
  }

  /** As `end`, for good. */
  async close(): Promise<void> {
    await this.end()
    await this.#whole?.dispose()
  }

  /** The segment comes to the end of the file soon. */
  get #nearEnd(): boolean {
    return this.#reader?.end === Infinity && this.size - this.#next <= defaultWindow
  }

  /** The segment ends when it is not used for a while. */
  #rest(): void {
    if (this.#reader) this.#idle = setTimeout(() => void this.end(), patience).unref()
  }

  async #end(reader: Reader): Promise<void> {
    await reader.close()
    // What it may have failed with is nobody's concern any more.
    for (const chunk of (await reader.readMany().catch(() => undefined)) ?? []) this.#keep(chunk)
    this.#length ??= reader.length
  }

  /** What is kept, from the position on. */
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

  /** Bytes from the server, from the position on; undefined behind the end of the file. */
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

  /** Undefined where ranges cannot be read. */
  async #readerFor(position: number, wanted: number): Promise<Reader | undefined> {
    if (this.#whole) return undefined
    const reader = this.#reader
    const skipped = position - this.#next
    if (reader && skipped >= 0 && skipped <= defaultWindow && position < reader.end) return reader
    await this.end()
    // What has come meanwhile may reach up to here.
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

  /** What the file has to be. */
  get #checked(): Pick<ReaderOptions, 'facts' | 'onFacts'> {
    return {
      facts: this.#facts,
      onFacts: facts => {
        // Of one that has grown the beginning is read.
        if (facts.size !== undefined && facts.size < this.size) throw fileChanged()
        this.#facts = facts
      },
    }
  }
}
