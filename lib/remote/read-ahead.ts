import type { Call } from '../pool/call.js'
import type { ByteString } from '../wire/names.js'
import { fileChanged, type FileFacts } from './file-facts.js'
import { Reader } from './reader.js'
import type { Remote } from './remote.js'

// Bytes.
const usualWindow = 256 * 1024
const leastRange = 64 * 1024
const smallFile = 64 * 1024
const mostKept = 512 * 1024

// Milliseconds: who reads no more for so long keeps no session, and the process not alive.
const patience = 2_000

/**
 * A file's bytes, from wherever they are asked for.
 *
 * Reads that follow one another share a data connection, as do those that leave out a little. A read elsewhere ends it and
 * begins a range of a few times its own length, which ends by itself: so a jump does not wait for the end of the segment before
 * it, and the next one finds the session free. Who reads on behind that range gets the rest of the file.
 * What was read last is kept, and a small file as a whole.
 */
export class ReadAhead {
  /** What has come and was read, or may be; the one used last comes last. */
  readonly #kept: { start: number; bytes: Buffer }[] = []
  #keptBytes = 0
  #reader: Reader | undefined
  /** Where the next bytes of the reader belong. */
  #next = 0
  #facts: FileFacts | undefined
  #idle: NodeJS.Timeout | undefined
  #ending: Promise<void> = Promise.resolve()

  /** `size`: how much of the file is read. */
  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly size: number,
  ) {}

  /** By what the file is known again; its time is known when something was read. */
  get facts(): FileFacts {
    return { ...this.#facts, size: this.size }
  }

  /**
   * Fills `into`; all of it has to lie before the end. `wanted`: how many bytes will be read from there on, as far as it is
   * known. Throws ERR_FTP_FILE_CHANGED.
   */
  async read(into: Uint8Array, position: number, wanted = into.length): Promise<void> {
    clearTimeout(this.#idle)
    try {
      for (let filled = 0; filled < into.length;) {
        const at = position + filled
        const bytes = this.#find(at) ?? (await this.#fetch(at, wanted - filled))
        const part = bytes.subarray(0, into.length - filled)
        into.set(part, filled)
        filled += part.length
      }
    } finally {
      if (this.#reader) this.#idle = setTimeout(() => void this.end(), patience).unref()
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

  async #end(reader: Reader): Promise<void> {
    await reader.close()
    // What it may have failed with is nobody's concern any more.
    for (const chunk of (await reader.readMany().catch(() => undefined)) ?? []) this.#keep(chunk)
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
    while (this.#keptBytes > mostKept && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()!.bytes.length
    }
  }

  /** Bytes from the server, from the position on. */
  async #fetch(position: number, wanted: number): Promise<Buffer> {
    const reader = await this.#readerFor(position, wanted)
    try {
      for (;;) {
        const chunk = await reader.read()
        // It is shorter than it was.
        if (!chunk) throw fileChanged()
        const start = this.#next
        this.#keep(chunk)
        if (this.#next > position) return chunk.subarray(position - start)
      }
    } catch (error) {
      await this.end()
      throw error
    }
  }

  async #readerFor(position: number, wanted: number): Promise<Reader> {
    const reader = this.#reader
    const skipped = position - this.#next
    if (reader && skipped >= 0 && skipped <= usualWindow && position < reader.end) return reader
    await this.end()
    // What has come meanwhile may reach up to here.
    const sequential = position === this.#next
    const start = this.size <= smallFile ? 0 : position
    const end = start + Math.max(leastRange, 4 * wanted)
    this.#next = start
    this.#reader = new Reader(this.remote, this.call, this.path, {
      start,
      ...(!sequential && end + leastRange < this.size && { end: end - 1 }),
      facts: this.#facts,
      onFacts: facts => {
        // Of one that has grown the beginning is read.
        if (facts.size !== undefined && facts.size < this.size) throw fileChanged()
        this.#facts = facts
      },
    })
    return this.#reader
  }
}
