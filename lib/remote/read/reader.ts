import type { Call } from '../../pool/call.js'
import type { Lease } from '../../pool/lease.js'
import { command } from '../../wire/session/command.js'
import { ConnectionLostError, dataConnectionRefused, FtpError, FtpReplyError } from '../../wire/ftp-errors.js'
import { Incoming } from '../../wire/data/incoming.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import { isAscii, notInAscii } from '../ascii.js'
import { Backlog } from '../backlog.js'
import { versionIn, fileChanged, longRead, type FileVersion } from './file-version.js'
import { GivenBytes } from './given-bytes.js'
import { judgeEnd, maxExpected, type EndVerdict } from './judge-end.js'
import { refuseUnsafeNames } from '../names/unsafe-names.js'
import { refuseOtherNames } from '../names/other-names.js'
import { explain } from '../refusal.js'
import { isPassing } from '../refused.js'
import type { Remote } from '../remote.js'
import { serverFile } from '../server-file.js'
import { proveRestart } from './prove-restart.js'
import { Rewind } from './rewind.js'
import { askSize } from './ask-size.js'

export interface ReaderOptions {
  /** Position of the first byte. Default 0. */
  start?: number
  /** Position of the last byte, inclusive. Default: the end of the file. */
  end?: number
  /** Bytes to read ahead of the user. Default 256 KiB. */
  window?: number
  /** The version that the file must have, if a part of it was read before. */
  facts?: FileVersion | undefined
  /** Called with the reported version of the file, before its first byte. */
  onFacts?: (facts: FileVersion) => void
}

const defaultWindow = 256 * 1024
// Bytes. Usually one read of the socket yields no more.
const defaultChunk = 64 * 1024
// Bytes to read ahead, before the session is given back to other calls that wait for it.
const maxReadAhead = 16 * 2 ** 20
// Milliseconds.
const maxPatience = 800

// Bytes received since the last failed attempt that reset the count of attempts.
const progress = 2 ** 20

// Bytes. On servers that obey REST only a small file, which may be read twice, is compared.
const usuallyCompared = 2 ** 20

/** A data connection, from its opening to the final reply. */
interface Segment {
  incoming: Incoming
  lease: Lease
  yielded: boolean
}

/**
 * Reads a file in segments of one data connection each. The delivered bytes are proved to be
 * complete: see `judgeEnd`.
 *
 * After a lost connection a new segment begins. So does one after the session was given back,
 * because others waited while the user took no bytes. Each time the reader first reads further
 * ahead, so that the file is not fetched many times over. If REST cannot be trusted, a segment
 * begins at 0, and bytes that were delivered before are compared.
 */
export class Reader {
  /** The position of its first byte. */
  readonly start: number
  /** The true length of the file, once its end was read. It may differ from SIZE. */
  length: number | undefined
  /** Resolves when the reader is closed. */
  readonly closed: Promise<void>
  #position: number
  /** The position at which the last attempt failed. */
  #failedAt: number
  #end: number
  readonly #window: number
  readonly #backlog: Backlog
  /** Received bytes are being written to a file. */
  #spooling: Promise<void> | undefined
  #wake: (() => void) | undefined
  #filling = false
  #finished = false
  #failure: Error | undefined
  #segment: Segment | undefined
  #ending: Promise<void> = Promise.resolve()
  #facts: FileVersion | undefined
  readonly #onFacts: ((facts: FileVersion) => void) | undefined
  /** The delivered bytes; undefined before the server is known. */
  #given: GivenBytes | undefined
  /** The bytes of the segment. */
  #rewind: Rewind | undefined
  /** The next segment begins at 0, and skips bytes that were delivered before. */
  #fromStart = false
  /** The end of an earlier good segment from 0 on, although the reported size is larger. */
  #endedAt: number | undefined
  /** More bytes came than the reported size allows, so the size must be asked for again. */
  #exceeds = false
  /** The file has grown since the first segment, and may grow further. */
  #grows = false
  #forget = (): unknown => undefined
  #onClosed!: () => void
  #readAhead = defaultWindow
  #patience = 50
  #yieldTimer: NodeJS.Timeout | undefined

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    { start = 0, end = Infinity, window = defaultWindow, facts, onFacts }: ReaderOptions = {},
  ) {
    this.start = start
    this.#position = this.#failedAt = start
    this.#end = end + 1
    this.#window = window
    this.#backlog = new Backlog(remote.options.spoolDirectory, remote.memory.share())
    this.#facts = facts
    this.#onFacts = onFacts
    // A file whose line ends are converted has no positions, and so no ranges.
    if (isAscii(remote) && (start > 0 || end !== Infinity)) this.#failure = notInAscii()
    if (this.#position >= this.#end) this.#finished = true
    this.closed = new Promise(resolve => (this.#onClosed = resolve))
    this.#forget = call.onCancel(reason => {
      this.#fail(reason)
      void this.close()
    })
  }

  /** The position up to which bytes have come from the server. */
  get position(): number {
    return this.#position
  }

  /** The position behind its last byte. Infinity: the end of the file. */
  get end(): number {
    return this.#end
  }

  /**
   * Reads the next bytes. Undefined at the end of the file or range. Throws RefusedError: ENOENT,
   * EISDIR, EACCES.
   */
  async read(): Promise<Buffer | undefined> {
    if (this.#backlog.size === 0 && !(await this.#come())) return undefined
    const chunk = await this.#backlog.shift()
    this.#consider()
    return chunk
  }

  /** As `read`, with all chunks that have come. */
  async readMany(): Promise<Buffer[] | undefined> {
    if (this.#backlog.size === 0 && !(await this.#come())) return undefined
    const chunks = await this.#backlog.shiftAll()
    this.#consider()
    return chunks
  }

  /** Begins before the first read, with a session of the caller. */
  begin(lease: Lease): void {
    void this.#fill(lease)
  }

  /** Ends the range before this position. False, without effect, if it was already reached. */
  limit(end: number): boolean {
    if (this.#ended || end <= this.#position) return false
    this.#end = Math.min(this.#end, end)
    return true
  }

  /** Ends the reader, at any position. Resolves when the session can be used again. */
  async close(): Promise<void> {
    this.#finished = true
    this.#forget()
    this.#wake?.()
    await this.#stop()
    await this.#backlog.close()
    this.#onClosed()
  }

  /** Waits for bytes. False at the end. */
  async #come(): Promise<boolean> {
    for (;;) {
      if (this.#backlog.size > 0) return true
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
      for (let first = true; ; first = false) {
        try {
          if (await this.#receive(first, first ? given : undefined)) return
        } catch (error) {
          // Nothing is left to try for a reader that was closed meanwhile.
          if (this.#ended) return
          if (!isPassing(error)) throw error
          if (this.#position - this.#failedAt >= progress) this.call.advance()
          this.#failedAt = this.#position
          // Reading resumes when the consumer reads, which may be much later.
          const later = this.#backlog.size > 0
          await this.remote.pool.retry(this.call, error, { atOnce: later })
          if (later || this.#ended) return
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
   * Receives one segment, from the end of the last one, until the end or until the session is given
   * back. False: another segment must follow. `first`: allows a data connection opened ahead.
   */
  async #receive(first: boolean, given?: Lease): Promise<boolean> {
    const { path } = this
    if (!given) await refuseOtherNames(this.remote, this.call, path)
    const lease = given ?? (await this.remote.pool.acquire(this.call, 'transfer'))
    try {
      if (this.#ended) return true
      refuseUnsafeNames(this.remote, path)
      if (this.#exceeds) await this.#askAgain(lease.session)
      const usable = await this.#chooseOrigin(lease.session)
      if (this.#ended || !usable) return this.#ended
      const rewind = this.#begin()
      const { from } = rewind
      const file = serverFile(this.remote, path)
      const incoming = await Incoming.open(lease.session, {
        along: [command('SIZE', file), command('MDTM', file)],
        judge: asked => this.#judge(asked),
        commands: [...(from > 0 ? [command(`REST ${from}`)] : []), command('RETR', file)],
        ...(from > 0 && { skip: ([rest]: readonly Reply[]) => this.#followRest(rest!) }),
        onData: chunk => this.#take(chunk),
        ahead: first,
      })
      if (!(incoming instanceof Incoming)) {
        if (!isPositive(incoming)) throw await this.#refused(incoming, lease)
        // `#judge` stopped the transfer with the positive reply to SIZE: nothing is left, or the
        // file must be read from 0 on.
        if (this.#nothingLeft) this.#finish()
        return this.#nothingLeft
      }
      const segment: Segment = { incoming, lease, yielded: false }
      this.#segment = segment
      lease.onWanted = () => this.#consider()
      if (this.#ended) await this.#stop()
      this.#consider()
      const replies = await this.#replies(incoming)
      this.#segment = undefined
      if (this.#exceeds) return false
      if (segment.yielded || this.#ended) return true
      if (replies) return await this.#complete(replies.at(-1)!, segment)
      if (this.#position < this.#end) this.length = this.#rewind!.at
      this.#finish()
      return true
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

  /** Tests whether the segment can begin behind 0. False: this session cannot be used. */
  async #chooseOrigin(session: Session): Promise<boolean> {
    if (this.#position === 0 || this.#fromStart) return true
    await proveRestart(session, serverFile(this.remote, this.path), this.#position)
    if (!session.server.can.restartDownload.certain) this.#goBack()
    return session.usable
  }

  /**
   * Lets the segment begin at 0. Fails if bytes that come again could not be compared with the
   * delivered ones.
   */
  #goBack(): void {
    this.#fromStart = true
    const { kind } = this.remote.pool.server
    if (kind !== 'unknown' || this.#position === this.start || this.#given?.comparable) return
    const message = `The server does not obey REST any more, behind ${this.#position} bytes`
    this.#fail(new FtpError('ERR_FTP_SHORT_READ', message))
  }

  #begin(): Rewind {
    const { restartDownload } = this.remote.pool.server.can
    this.#given ??= new GivenBytes(restartDownload.certain ? usuallyCompared : Infinity)
    const read = { start: this.start, position: this.#position, given: this.#given }
    return (this.#rewind = new Rewind(this.#fromStart ? 0 : this.#position, read))
  }

  /** After a refused REST, RETR begins at 0. Tells Incoming to skip nothing: the Rewind does. */
  #followRest(rest: Reply): number {
    if (isPositive(rest)) return 0
    this.remote.pool.server.can.restartDownload.fail()
    this.#goBack()
    this.#begin()
    return 0
  }

  /**
   * Throws if the file is no longer the one that was begun. Stops the transfer with a reply if
   * nothing of it is left, or if it must be read from 0 on.
   */
  #judge(replies: readonly Reply[]): Reply | undefined {
    const reported = versionIn(replies)
    const facts = isAscii(this.remote) ? { ...reported, size: undefined } : reported
    const { size } = facts
    const before = this.#facts
    if (!before || (this.#grows && (size ?? 0) >= before.size!)) this.#learn(facts)
    else if (before.size !== size || before.modified !== facts.modified) throw fileChanged()
    if (size === undefined || this.#position === 0 || this.#position < size) return undefined
    // ProFTPD and Pure-FTPd refuse REST behind the end of the file.
    if (this.#nothingLeft) return replies[0]
    const reads = this.#fromStart
    this.#fromStart = true
    return reads ? undefined : replies[0]
  }

  /**
   * Nothing lies behind the position, unless the size is wrong: 0 may be wrong, and a size that
   * received bytes exceed is.
   */
  get #nothingLeft(): boolean {
    const size = this.#facts?.size ?? 0
    return size > 0 && (this.#position === size || (this.#position > size && this.#position === this.start))
  }

  #learn(facts: FileVersion): void {
    this.#facts = facts
    this.#onFacts?.(facts)
  }

  #take(came: Buffer): void {
    let chunk: Buffer
    try {
      chunk = this.#rewind!.take(came)
    } catch (error) {
      this.#fail(error as Error)
      void this.#stop()
      return
    }
    const left = this.#end - this.#position
    const taken = chunk.length > left ? chunk.subarray(0, left) : chunk
    this.#position += taken.length
    this.#given!.add(taken)
    if (taken.length > 0) this.#put(taken)
    const size = this.#facts?.size
    // A range up to the end of the file ends by itself.
    const more = chunk.length > left || this.#position !== size
    if (this.#position >= this.#end && more) {
      this.#finish()
      void this.#stop()
      return
    }
    if (size !== undefined && this.#rewind!.at > maxExpected(size)) this.#exceed()
    this.#wake?.()
    this.#consider()
  }

  /**
   * Stores a chunk. If others wait and memory has no room, bytes read ahead go to a file: else they
   * would be fetched again and again.
   */
  #put(chunk: Buffer): void {
    const isAwaited = this.#wake !== undefined && this.#backlog.size === 0
    const isSmall = chunk.buffer.byteLength <= defaultChunk
    const spooling = this.#backlog.push(chunk, this.remote.pool.wanted && !(isAwaited && isSmall))
    if (!spooling) return
    this.#spooling = spooling
    this.#segment?.incoming.pause()
    spooling
      .catch((error: Error) => this.#fail(error))
      .finally(() => {
        if (this.#spooling !== spooling) return
        this.#spooling = undefined
        this.#consider()
      })
  }

  /** Pauses the transfer to ask for the size again, over a free session or else this one. */
  #exceed(): void {
    const segment = this.#segment
    if (this.#exceeds || !segment) return
    this.#exceeds = true
    segment.incoming.pause()
    const asked = this.remote.pool.acquireIfFree(this.call).then(async lease => {
      if (!lease) return
      try {
        await this.#askAgain(lease.session)
      } finally {
        lease.release()
      }
    })
    asked
      .catch((error: unknown) => {
        if (!(error instanceof ConnectionLostError)) this.#fail(error as Error)
      })
      .finally(() => {
        if (this.#exceeds && this.#segment === segment) void this.#stop()
        else this.#consider()
      })
  }

  /** Asks whether the file has grown. Throws ERR_FTP_LONG_READ if it has not. */
  async #askAgain(session: Session): Promise<void> {
    const { facts } = await askSize(session, serverFile(this.remote, this.path))
    const came = Math.max(this.#position, this.#rewind?.at ?? 0)
    if (facts.size === undefined || came > maxExpected(facts.size)) throw longRead(came, facts.size)
    this.#exceeds = false
    this.#grows = true
    this.#learn(facts)
  }

  /**
   * The final replies. Undefined if they were lost, but not the bytes: firewalls cut control
   * connections that are silent for long.
   */
  async #replies(incoming: Incoming): Promise<readonly Reply[] | undefined> {
    try {
      return await incoming.done
    } catch (error) {
      const size = this.#facts?.size
      if (!(error instanceof ConnectionLostError) || !incoming.ended || !size) throw error
      if (this.#position < this.#end && this.#rewind!.at !== size) throw error
      return undefined
    }
  }

  /** Whether the reading is complete. False: another segment must follow at once. */
  async #complete(reply: Reply, { incoming, lease }: Segment): Promise<boolean> {
    const { from, at } = this.#rewind!
    if (isPositive(reply)) return this.#judgeEnd(reply, incoming, lease.session)
    if (at === from && reply.code === 425) throw dataConnectionRefused('The download did not begin', reply)
    const refused = at === from && (reply.code === 450 || reply.code === 451)
    if (!refused && isBroken(reply))
      throw (await this.#absent(reply, lease)) ?? endedEarly(new FtpReplyError(reply))
    throw await this.#refused(reply, lease)
  }

  /**
   * Why a file without a size sent nothing: some servers abort the transfer if the file is missing,
   * or is a folder.
   */
  async #absent(reply: Reply, lease: Lease): Promise<Error | undefined> {
    const { from, at } = this.#rewind!
    if (at !== from || this.#position !== this.start || this.#facts?.size !== undefined) return undefined
    const refused = await this.#refused(reply, lease)
    return isPassing(refused) ? undefined : refused
  }

  async #judgeEnd(reply: Reply, { ahead }: Incoming, session: Session): Promise<boolean> {
    const { from, at: came } = this.#rewind!
    const size = this.#facts?.size
    const short = (): ConnectionLostError =>
      endedEarly(new FtpReplyError(reply), `${this.#position} of ${size} bytes came`)
    if (ahead && came === from && size !== undefined && came < Math.min(size, this.#end)) {
      // Only bytes that arrive prove that a connection opened ahead was alive.
      session.server.can.dataAhead.fail()
      return false
    }
    // Fewer bytes came again than were delivered.
    if (came < this.#position && this.#position > this.start) throw short()
    let verdict = this.#position >= this.#end ? 'whole' : this.#verdict()
    if (verdict === 'ask') {
      const { facts, sizes } = await askSize(session, serverFile(this.remote, this.path))
      verdict = this.#verdict(sizes)
      if (verdict === 'whole') this.#settle(facts)
    }
    if (from === 0) this.#endedAt = came
    if (verdict === 'short') throw short()
    if (verdict === 'long') {
      // As many bytes as the whole file has: the server ignored REST and began at 0.
      if (came - from === size) session.server.can.restartDownload.fail()
      throw longRead(came, size)
    }
    if (verdict !== 'whole') {
      this.#fromStart = true
      return false
    }
    if (this.#position < this.#end) this.length = came
    this.#finish()
    return true
  }

  #verdict(again?: readonly number[]): EndVerdict {
    const { from, at: came } = this.#rewind!
    return judgeEnd({ from, came, size: this.#facts?.size, again, before: this.#endedAt })
  }

  /** Accepts a size other than the one reported at the beginning. */
  #settle(facts: FileVersion): void {
    const { from, at: came } = this.#rewind!
    const { size = 0, modified } = this.#facts ?? {}
    // Bytes read before may belong to another version of the file.
    if (from > 0 && came < size && facts.modified !== modified) throw fileChanged()
    this.#learn(facts)
  }

  #refused(reply: Reply, lease: Lease): Promise<Error> {
    lease.release()
    return explain(this.remote, this.call, 'read', reply, this.path)
  }

  #finish(): void {
    this.#finished = true
    this.#wake?.()
  }

  /**
   * Resumes, pauses or gives the session back. This depends on what the user has taken, and on
   * whether others wait.
   */
  #consider(): void {
    const segment = this.#segment
    if (!segment || this.#exceeds || this.#spooling) return
    const { size, share } = this.#backlog
    if (this.#wake && size === 0) {
      clearTimeout(this.#yieldTimer)
      this.#yieldTimer = undefined
      segment.incoming.resume()
    } else if (!this.remote.pool.wanted) {
      if (size > 0 && (size >= this.#window || !share.fits(defaultChunk))) segment.incoming.pause()
      else segment.incoming.resume()
    } else if (size >= this.#readAhead) {
      this.#yield()
    } else {
      segment.incoming.resume()
      // On a slow line, others wait only this long and not until everything is read ahead.
      this.#yieldTimer ??= setTimeout(() => {
        this.#yieldTimer = undefined
        this.#yield()
      }, this.#patience)
    }
  }

  #yield(): void {
    if (!this.#segment || this.#exceeds || !this.remote.pool.wanted) return
    this.#segment.yielded = true
    this.#readAhead = Math.min(this.#readAhead * 4, maxReadAhead)
    this.#patience = Math.min(this.#patience * 2, maxPatience)
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

/** The server has lost the data connection, or the file. */
const isBroken = ({ code }: Reply): boolean => code === 425 || code === 426 || code === 450 || code === 451

function endedEarly(cause: FtpReplyError, why = cause.message): ConnectionLostError {
  return new ConnectionLostError(`The download ended early: ${why}`, { cause }, 'ERR_FTP_SHORT_READ')
}
