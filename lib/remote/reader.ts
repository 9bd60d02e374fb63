import type { Call } from '../pool/call.js'
import type { Lease } from '../pool/lease.js'
import { command } from '../wire/commands.js'
import { ConnectionLostError, FtpReplyError } from '../wire/errors.js'
import { Incoming } from '../wire/incoming.js'
import type { ByteString } from '../wire/names.js'
import { isPositive, type Reply } from '../wire/replies.js'
import { factsIn, fileChanged, type FileFacts } from './file-facts.js'
import { refuseMistakenNames } from './mistaken-names.js'
import { explain } from './refusal.js'
import type { Remote } from './remote.js'

export interface ReaderOptions {
  /** The first byte; default 0. */
  start?: number
  /** The last byte, inclusive; default the end of the file. */
  end?: number
  /** Bytes that are read ahead of the user. Default 256 KiB. */
  window?: number
  /** What the file has to be, where something of it has been read before. */
  facts?: FileFacts | undefined
  /** Called when the server has told what the file is, before its first byte. */
  onFacts?: (facts: FileFacts) => void
}

const usualWindow = 256 * 1024
// What is read ahead of the user when others wait for the session, before it is given back.
const mostReadAhead = 16 * 2 ** 20
const mostPatience = 800

// Bytes after which the attempts count anew.
const progress = 2 ** 20

/**
 * The bytes of a file, in segments of one data connection each.
 *
 * A lost connection is a new segment. So is a session that was given back because its bytes were not taken
 * while others waited: a reader that does so again and again reads further ahead before, so that the file
 * is not fetched many times over.
 */
export class Reader {
  /** Its first byte. */
  readonly start: number
  #position: number
  #end: number
  readonly #window: number
  readonly #chunks: Buffer[] = []
  #queued = 0
  #wake: (() => void) | undefined
  #filling = false
  #finished = false
  #failure: Error | undefined
  #segment: { incoming: Incoming; lease: Lease; yielded: boolean } | undefined
  #ending: Promise<void> = Promise.resolve()
  #facts: FileFacts | undefined
  readonly #onFacts: ((facts: FileFacts) => void) | undefined
  #forget = (): unknown => undefined
  #readAhead = usualWindow
  #patience = 50
  #yieldTimer: NodeJS.Timeout | undefined

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    { start = 0, end = Infinity, window = usualWindow, facts, onFacts }: ReaderOptions = {},
  ) {
    this.start = start
    this.#position = start
    this.#end = end + 1
    this.#window = window
    this.#facts = facts
    this.#onFacts = onFacts
    if (this.#position >= this.#end) this.#finished = true
    this.#forget = call.onCancel(reason => {
      this.#fail(reason)
      void this.close()
    })
  }

  /** Up to where it has come from the server. */
  get position(): number {
    return this.#position
  }

  /** Behind its last byte; Infinity: at the end of the file. */
  get end(): number {
    return this.#end
  }

  /** The next bytes, or undefined at the end of the file or range. Throws RefusedError: ENOENT, EISDIR, EACCES. */
  async read(): Promise<Buffer | undefined> {
    if (this.#chunks.length === 0 && !(await this.#come())) return undefined
    const chunk = this.#chunks.shift()!
    this.#queued -= chunk.length
    this.#consider()
    return chunk
  }

  /** As `read`, all chunks that are there. */
  async readMany(): Promise<Buffer[] | undefined> {
    if (this.#chunks.length === 0 && !(await this.#come())) return undefined
    const chunks = this.#chunks.splice(0)
    this.#queued = 0
    this.#consider()
    return chunks
  }

  /** Begins before anybody reads, with a session of the caller's. */
  begin(lease: Lease): void {
    void this.#fill(lease)
  }

  /** Ends before this position. False, and nothing is done, when it has come there already. */
  limit(end: number): boolean {
    if (this.#ended || end <= this.#position) return false
    this.#end = Math.min(this.#end, end)
    return true
  }

  /** Ends it, at the end of the file or before; resolves when the session can be used again. */
  async close(): Promise<void> {
    this.#finished = true
    this.#forget()
    this.#wake?.()
    await this.#stop()
  }

  /** Waits for bytes; false when there are no more. */
  async #come(): Promise<boolean> {
    for (;;) {
      if (this.#chunks.length > 0) return true
      if (this.#failure) throw this.#failure
      if (this.#finished) return false
      if (!this.#filling) void this.#fill()
      await new Promise<void>(resolve => {
        this.#wake = resolve
        this.#consider()
      })
      this.#wake = undefined
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  async #fill(given?: Lease): Promise<void> {
    this.#filling = true
    try {
      for (let attempts = 1; ; attempts++) {
        const from = this.#position
        try {
          await this.#receive(attempts === 1, attempts === 1 ? given : undefined)
          return
        } catch (error) {
          if (!(error instanceof ConnectionLostError)) throw error
          // Reading resumes when the consumer reads, which may be much later.
          if (this.#chunks.length > 0) return
          if (this.#position - from >= progress) this.call.advance()
          await this.remote.pool.retry(this.call, error)
        }
      }
    } catch (error) {
      this.#fail(error as Error)
    } finally {
      this.#filling = false
      // The user may have begun to wait while the session was being given back.
      this.#wake?.()
    }
  }

  /**
   * One segment, from where the last one ended, to the end or until the session is given back. `ahead`: its data connection may
   * be one that was made ahead.
   */
  async #receive(ahead: boolean, given?: Lease): Promise<void> {
    const { path } = this
    const offset = this.#position
    const lease = given ?? (await this.remote.pool.acquire(this.call, 'transfer'))
    try {
      if (this.#ended) return
      refuseMistakenNames(this.remote, path)
      const incoming = await Incoming.open(lease.session, {
        along: [command('SIZE', path), command('MDTM', path)],
        judge: asked => this.#judge(asked),
        commands: [...(offset > 0 ? [command(`REST ${offset}`)] : []), command('RETR', path)],
        ...(offset > 0 && { skip: ([rest]: readonly Reply[]) => (rest && isPositive(rest) ? 0 : offset) }),
        onData: chunk => this.#take(chunk),
        ahead,
      })
      if (!(incoming instanceof Incoming)) {
        // Nothing is left behind the offset: the reply is the positive one to SIZE.
        if (isPositive(incoming)) this.#finish()
        else throw await this.#refused(incoming, lease)
        return
      }
      const segment = { incoming, lease, yielded: false }
      this.#segment = segment
      lease.onWanted = () => this.#consider()
      if (this.#ended) await this.#stop()
      this.#consider()
      const replies = await this.#replies(incoming)
      this.#segment = undefined
      if (segment.yielded || this.#ended) return
      if (incoming.ahead && this.#position === offset && this.#position < (this.#facts?.size ?? 0))
        lease.session.server.warmth.fail()
      if (replies) await this.#complete(replies.at(-1)!, lease)
      else this.#finish()
    } finally {
      clearTimeout(this.#yieldTimer)
      this.#yieldTimer = undefined
      this.#segment = undefined
      await this.#ending
      lease.release()
    }
  }

  get #ended(): boolean {
    return this.#finished || this.#failure !== undefined
  }

  /** Whether it is still the file that was begun, and whether anything is left of it. */
  #judge(replies: readonly Reply[]): Reply | undefined {
    const facts = factsIn(replies)
    const bytes = facts.size
    if (!this.#facts) {
      this.#facts = facts
      this.#onFacts?.(facts)
    } else if (this.#facts.size !== facts.size || this.#facts.modified !== facts.modified) {
      throw fileChanged()
    }
    // ProFTPD and Pure-FTPd refuse REST behind the end of the file.
    return bytes !== undefined && this.#position > 0 && this.#position >= bytes ? replies[0] : undefined
  }

  #take(chunk: Buffer): void {
    const left = this.#end - this.#position
    const taken = chunk.length > left ? chunk.subarray(0, left) : chunk
    this.#position += taken.length
    if (taken.length > 0) this.#chunks.push(taken)
    this.#queued += taken.length
    // A range that ends where the file does ends by itself.
    const more = chunk.length > left || this.#position !== this.#facts?.size
    if (this.#position >= this.#end && more) {
      this.#finish()
      void this.#stop()
    } else {
      this.#wake?.()
      this.#consider()
    }
  }

  /** The final replies; undefined when they were lost, but not the bytes: firewalls cut control connections that are silent for long. */
  async #replies(incoming: Incoming): Promise<readonly Reply[] | undefined> {
    try {
      return await incoming.done
    } catch (error) {
      const size = this.#facts?.size
      if (!(error instanceof ConnectionLostError) || !incoming.ended || size === undefined) throw error
      if (this.#position < Math.min(size, this.#end)) throw error
      return undefined
    }
  }

  async #complete(reply: Reply, lease: Lease): Promise<void> {
    const size = this.#facts?.size
    const whole = size === undefined || this.#position >= Math.min(size, this.#end)
    if (isPositive(reply) && whole) {
      this.#finish()
    } else if (isPositive(reply) || reply.code === 425 || reply.code === 426 || reply.code === 451) {
      const cause = new FtpReplyError(reply)
      const why = isPositive(reply) ? `${this.#position} of ${size} bytes came` : cause.message
      throw new ConnectionLostError(`The download ended early: ${why}`, { cause }, 'ERR_FTP_SHORT_READ')
    } else {
      throw await this.#refused(reply, lease)
    }
  }

  #refused(reply: Reply, lease: Lease): Promise<Error> {
    lease.release()
    return explain(this.remote, this.call, 'read', reply, this.path)
  }

  #finish(): void {
    this.#finished = true
    this.#wake?.()
  }

  /** Reads on, waits, or gives the session back: by what the user takes and whether others wait. */
  #consider(): void {
    const segment = this.#segment
    if (!segment) return
    if (this.#wake && this.#chunks.length === 0) {
      clearTimeout(this.#yieldTimer)
      this.#yieldTimer = undefined
      segment.incoming.resume()
    } else if (!this.remote.pool.wanted) {
      if (this.#queued >= this.#window) segment.incoming.pause()
      else segment.incoming.resume()
    } else if (this.#queued >= this.#readAhead) {
      this.#yield()
    } else {
      segment.incoming.resume()
      // On a slow line the others do not wait for all that would be read ahead.
      this.#yieldTimer ??= setTimeout(() => {
        this.#yieldTimer = undefined
        this.#yield()
      }, this.#patience)
    }
  }

  #yield(): void {
    if (!this.#segment || !this.remote.pool.wanted) return
    this.#segment.yielded = true
    this.#readAhead = Math.min(this.#readAhead * 4, mostReadAhead)
    this.#patience = Math.min(this.#patience * 2, mostPatience)
    void this.#stop()
  }

  #stop(): Promise<void> {
    const segment = this.#segment
    if (segment) {
      this.#segment = undefined
      segment.lease.onWanted = undefined
      this.#ending = segment.incoming.stop()
    }
    return this.#ending
  }
}
