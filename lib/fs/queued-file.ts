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

/** Sets owner, mode or times. Where the server cannot, it is an error or is passed over. */
export type SetMetadata = (syscall: string, work: () => Promise<void>) => Promise<void>

/** What a file is opened with. */
export interface QueuedFileParts {
  remote: Remote
  order: PathOrder
  target: CallPath
  flags: FileAccess
  /** Lasts as long as the file is open. */
  call: Call
  file: OpenFile
  metadata: SetMetadata
}

/** As in Node, these are about the descriptor, whatever its path. */
const pathless = new Set(['EBADF', 'EISDIR', 'EINVAL'])

// So much of a file is read at a time, when all of it is wanted.
const pieceSize = 256 * 1024

/**
 * An open file, and its current position. What is asked of it is done in that order, one after the
 * other; what changes the file on the server has its place among the other calls from when it is
 * asked.
 */
export class QueuedFile {
  readonly #parts: QueuedFileParts
  #position = 0
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = 0
  /** Its time is another since we have set it. */
  #touched = false
  #ended: Promise<boolean> | undefined

  constructor(parts: QueuedFileParts) {
    this.#parts = parts
  }

  get target(): CallPath {
    return this.#parts.target
  }

  /**
   * Fills the parts one after the other, to the end of the file. Resolves with how many bytes there
   * were.
   */
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

  /** All bytes from the current position on. */
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

  /** Writes the parts one after the other. Resolves with how many bytes they are. */
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

  /** Stores and checks what was written. */
  store(syscall: string): Promise<void> {
    return this.#inTurn(syscall, () => this.#flush(), this.#storingPlace())
  }

  /** Behind what was written: the time is that of now else, once it is stored. */
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

  /** Stores and checks what was written, and lets go of everything, also if that fails. */
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
   * Lets go of everything behind what has begun; what was not stored is lost, and `close` says so.
   * `lost`: what `close` of the FtpVfs is to reject with.
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

  /** The file as it is now: one of another time passes for one that somebody else has changed. */
  async #known(): Promise<OpenFile> {
    const { file } = this.#parts
    if (this.#touched) await file.stat()
    this.#touched = false
    return file
  }

  /**
   * Where others have to wait for what is written, or may be by then; undefined where nothing is.
   */
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
        // Each operation of an open file has attempts of its own.
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
