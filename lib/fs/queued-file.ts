import type { Call } from '../pool/call.js'
import { closedError } from '../pool/pool-errors.js'
import { setMode, setTime } from '../remote/change/metadata.js'
import type { EntryInfo } from '../remote/entry.js'
import { noOwners } from '../remote/not-supported.js'
import type { FileAccess } from '../node/flags.js'
import type { OpenFile } from '../remote/open/open-file.js'
import { RefusedError } from '../remote/refused.js'
import type { Remote } from '../remote/remote.js'
import { checkAborted } from '../node/arguments.js'
import { failure } from './failure.js'
import type { PathOrder, Reservation } from './path-order.js'
import type { CallPath } from './call-path.js'

/** Sets owner, mode or times. If the server cannot, this is an error, or is ignored. */
export type SetMetadata = (syscall: string, work: () => Promise<void>) => Promise<void>

/** The parts that make up an open file. */
export interface QueuedFileParts {
  remote: Remote
  order: PathOrder
  target: CallPath
  flags: FileAccess
  /** Lasts while the file is open. */
  call: Call
  file: OpenFile
  metadata: SetMetadata
}

/** As in Node, these codes concern the descriptor, and not its path. */
const pathless = new Set(['EBADF', 'EISDIR', 'EINVAL'])

// Bytes of one read, when the whole file is read.
const pieceSize = 256 * 1024

/**
 * An open file and its current position. Its operations run one after the other, in the order of
 * their calls. One that changes the file on the server has its place among all other calls from the
 * moment of its call.
 */
export class QueuedFile {
  readonly #parts: QueuedFileParts
  #position = 0
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = 0
  /** We have set its time since the last stat. */
  #touched = false
  #ended: Promise<boolean> | undefined

  constructor(parts: QueuedFileParts) {
    this.#parts = parts
  }

  get target(): CallPath {
    return this.#parts.target
  }

  /** Fills the parts in sequence, up to the end of the file. Resolves with the number of bytes. */
  read(parts: readonly Uint8Array[], position: number | null): Promise<number> {
    return this.#inTurn('read', async () => {
      const file = await this.#readable()
      let total = 0
      for (const part of parts) {
        const count = await file.read(part, (position ?? this.#position) + total)
        total += count
        if (count < part.length) break
      }
      if (position === null) this.#position += total
      return total
    })
  }

  /** Reads all bytes from the current position on. */
  readAll(signal: AbortSignal | undefined): Promise<Buffer> {
    return this.#inTurn('read', async () => {
      const file = await this.#readable()
      const pieces: Buffer[] = []
      for (;;) {
        checkAborted(signal)
        const piece = Buffer.allocUnsafe(pieceSize)
        const count = await file.read(piece, this.#position)
        if (count === 0) return Buffer.concat(pieces)
        this.#position += count
        pieces.push(piece.subarray(0, count))
      }
    })
  }

  /** Writes the parts in sequence. Resolves with the number of bytes. */
  write(parts: readonly Uint8Array[], position: number | null): Promise<number> {
    return this.#inTurn('write', async () => {
      const file = await this.#writable('EBADF')
      let at = position ?? this.#position
      let total = 0
      for (const part of parts) {
        if (part.length > 0) at = await file.write(part, at)
        total += part.length
        if (position === null) this.#position = at
      }
      return total
    })
  }

  truncate(size: number): Promise<void> {
    return this.#inTurn('ftruncate', async () => (await this.#writable('EINVAL')).truncate(size))
  }

  stat(): Promise<EntryInfo> {
    return this.#inTurn('fstat', () => this.#parts.file.stat())
  }

  /** Stores and checks the pending writes. */
  store(syscall: string): Promise<void> {
    return this.#inTurn(syscall, () => this.#flush(), this.#storingPlace())
  }

  /** Sets the time after the pending writes are stored, which would set it to the present. */
  setTime(milliseconds: number): Promise<void> {
    const { remote, call, target, metadata } = this.#parts
    const work = (): Promise<void> => setTime(remote, call, target.path, milliseconds)
    return this.#change('futime', () => {
      this.#touched = true
      return metadata('futimes', work)
    })
  }

  setMode(mode: number): Promise<void> {
    const { remote, call, target, metadata } = this.#parts
    const work = (): Promise<void> => setMode(remote, call, target.path, mode)
    return this.#change('fchmod', () => metadata('fchmod', work))
  }

  setOwner(): Promise<void> {
    return this.#inTurn('fchown', () => this.#parts.metadata('fchown', () => Promise.reject(noOwners())))
  }

  /** Stores and checks the pending writes, and releases everything, even after a failure. */
  async close(): Promise<void> {
    if (this.#ended) {
      if (await this.#ended) throw closedError()
      return
    }
    const reservation = this.#storingPlace()
    const store = async (): Promise<void> => {
      try {
        await reservation?.turn(this.#parts.call)
        await this.#flush()
      } catch (error) {
        await this.#dispose().catch(() => {})
        throw error
      }
      await this.#dispose()
    }
    await this.#inTurn('close', store).finally(() => reservation?.leave())
  }

  /**
   * Releases everything after the operations that have begun. Pending writes are lost, and `close`
   * reports that. `lost`: the error with which `close` of the FtpVfs rejects.
   */
  end(lost?: Error): void {
    this.#ended ??= this.#enqueue(async () => {
      const { dirty } = this.#parts.file
      await this.#dispose(lost).catch(() => {})
      return dirty
    })
  }

  #readable(): Promise<OpenFile> {
    if (!this.#parts.flags.read) throw new RefusedError('EBADF')
    return this.#known()
  }

  #writable(refusal: string): Promise<OpenFile> {
    if (!this.#parts.flags.write) throw new RefusedError(refusal)
    return this.#known()
  }

  /** The file. If we have set its time, a stat prevents that this looks like a foreign change. */
  async #known(): Promise<OpenFile> {
    const { file } = this.#parts
    if (this.#touched) await file.stat()
    this.#touched = false
    return file
  }

  /** Makes later calls wait for the writes, or for queued operations that may write, if any. */
  #storingPlace(): Reservation | undefined {
    const { file, flags, order, target } = this.#parts
    return file.dirty || (flags.write && this.#waiting > 0)
      ? order.reserve(['change', target.path])
      : undefined
  }

  #change(syscall: string, work: () => Promise<void>): Promise<void> {
    const { order, target } = this.#parts
    const change = async (): Promise<void> => {
      await this.#flush()
      await work()
    }
    return this.#inTurn(syscall, change, order.reserve(['change', target.path]))
  }

  async #flush(): Promise<void> {
    const { file } = this.#parts
    if (file.dirty) await file.flush()
  }

  async #dispose(lost?: Error): Promise<void> {
    const { remote, call, file } = this.#parts
    try {
      await file.close()
    } finally {
      remote.pool.end(call, lost)
    }
  }

  async #inTurn<T>(syscall: string, work: () => Promise<T>, reservation?: Reservation): Promise<T> {
    const { call, target } = this.#parts
    try {
      return await this.#enqueue(async () => {
        if (this.#ended) throw closedError()
        await reservation?.turn(call)
        // Each operation of an open file has its own count of attempts.
        call.advance()
        return work()
      })
    } catch (error) {
      const noPath = error instanceof RefusedError && pathless.has(error.code)
      throw failure(error, syscall, noPath ? undefined : target.given)
    } finally {
      reservation?.leave()
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1
    const done = this.#queue.then(work).finally(() => (this.#waiting -= 1))
    this.#queue = done.catch(() => {})
    return done
  }
}
