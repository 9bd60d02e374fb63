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
import { toldSize } from './told-size.js'

export interface ReaderOptions {
  /** The first byte; default 0. */
  start?: number
  /** The last byte, inclusive; default the end of the file. */
  end?: number
  /** Bytes that are read ahead of the user. Default 256 KiB. */
  window?: number
  /** What the file has to be, where something of it has been read before. */
  facts?: FileVersion | undefined
  /** Called when the server has told what the file is, before its first byte. */
  onFacts?: (facts: FileVersion) => void
}

const defaultWindow = 256 * 1024
// What comes at once, or a little more.
const defaultChunk = 64 * 1024
// What is read ahead of the user when others wait for the session, before it is given back.
const maxReadAhead = 16 * 2 ** 20
const maxPatience = 800

// Bytes since the last failed attempt, after which they count anew.
const progress = 2 ** 20

// On servers that obey REST what was given away is compared only where a small file is read twice.
const usuallyCompared = 2 ** 20

/** A data connection, from its opening to the final reply. */
interface Segment {
  incoming: Incoming
  lease: Lease
  yielded: boolean
}

/**
 * The bytes of a file, in segments of one data connection each. What is given away is proved: see
 * `judgeEnd`.
 *
 * A lost connection is a new segment. So is a session that was given back because its bytes were
 * not taken while others waited: a reader that does so again and again reads further ahead before,
 * so that the file is not fetched many times over. Where REST is not to be trusted, a segment
 * begins at 0, and what was given away before is compared.
 */
export class Reader {
  /** Its first byte. */
  readonly start: number
  /** How long the file is, once it was read to its end: other than SIZE says, maybe. */
  length: number | undefined
  /** Resolves when it is closed. */
  readonly closed: Promise<void>
  #position: number
  /** Where the last attempt failed. */
  #failedAt: number
  #end: number
  readonly #window: number
  readonly #backlog: Backlog
  /** What has come is being written to a file. */
  #spooling: Promise<void> | undefined
  #wake: (() => void) | undefined
  #filling = false
  #finished = false
  #failure: Error | undefined
  #segment: Segment | undefined
  #ending: Promise<void> = Promise.resolve()
  #facts: FileVersion | undefined
  readonly #onFacts: ((facts: FileVersion) => void) | undefined
  /** What was given away; undefined before the server is known. */
  #given: GivenBytes | undefined
  /** The bytes of the segment. */
  #rewind: Rewind | undefined
  /** The next segment begins at 0, and what was read before is left out. */
  #fromStart = false
  /** Where an earlier segment from 0 on ended well, though the file is said to be longer. */
  #endedAt: number | undefined
  /** More has come than the file was said to have, so that it has to be asked again. */
  #exceeds = false
  /** The file has grown since it was begun, and may go on doing so. */
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
    // Of a part of a file that is converted nothing is read.
    if (isAscii(remote) && (start > 0 || end !== Infinity)) this.#failure = notInAscii()
    if (this.#position >= this.#end) this.#finished = true
    this.closed = new Promise(resolve => (this.#onClosed = resolve))
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

  /**
   * The next bytes, or undefined at the end of the file or range. Throws RefusedError: ENOENT,
   * EISDIR, EACCES.
   */
  async read(): Promise<Buffer | undefined> {
    if (this.#backlog.size === 0 && !(await this.#come())) return undefined
    const chunk = await this.#backlog.shift()
    this.#consider()
    return chunk
  }

  /** As `read`, all chunks that are there. */
  async readMany(): Promise<Buffer[] | undefined> {
    if (this.#backlog.size === 0 && !(await this.#come())) return undefined
    const chunks = await this.#backlog.shiftAll()
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
    await this.#backlog.close()
    this.#onClosed()
  }

  /** Waits for bytes; false when there are no more. */
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
          if (!isPassing(error)) throw error
          if (this.#position - this.#failedAt >= progress) this.call.advance()
          this.#failedAt = this.#position
          // Reading resumes when the consumer reads, which may be much later.
          const later = this.#backlog.size > 0
          await this.remote.pool.retry(this.call, error, { atOnce: later })
          if (later) return
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
   * One segment, from where the last one ended, to the end or until the session is given back.
   * False: another has to follow. `first`: its data connection may be one that was made ahead.
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
        // Nothing is left, or it has to be read from 0 on: the reply is the positive one to SIZE.
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

  /** Finds out whether the segment can begin behind 0. False: not with this session. */
  async #chooseOrigin(session: Session): Promise<boolean> {
    if (this.#position === 0 || this.#fromStart) return true
    await proveRestart(session, serverFile(this.remote, this.path), this.#position)
    if (!session.server.can.restartDownload.certain) this.#goBack()
    return session.usable
  }

  /**
   * The segment begins at 0. Where what comes again could not be told from what was given away it
   * is an error.
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

  /** Where REST was refused, RETR begins at 0. Leaves nothing out: that is done here. */
  #followRest(rest: Reply): number {
    if (isPositive(rest)) return 0
    this.remote.pool.server.can.restartDownload.fail()
    this.#goBack()
    this.#begin()
    return 0
  }

  /** Whether it is still the file that was begun, and whether anything is left of it. */
  #judge(replies: readonly Reply[]): Reply | undefined {
    const told = versionIn(replies)
    const facts = isAscii(this.remote) ? { ...told, size: undefined } : told
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
   * Nothing lies behind the position, unless the size is wrong: 0 may be, and so is one behind
   * which bytes have come.
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
    // A range that ends where the file does ends by itself.
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
   * What is read ahead while others wait, and has no room in memory, goes to a file: else it would
   * be fetched again and again.
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

  /**
   * Waits with what comes until the size was asked again, by a session that is free, or else by
   * this one.
   */
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

  /** Asks whether the file has grown. Throws ERR_FTP_LONG_READ where it has not. */
  async #askAgain(session: Session): Promise<void> {
    const { facts } = await toldSize(session, serverFile(this.remote, this.path))
    const came = Math.max(this.#position, this.#rewind?.at ?? 0)
    if (facts.size === undefined || came > maxExpected(facts.size)) throw longRead(came, facts.size)
    this.#exceeds = false
    this.#grows = true
    this.#learn(facts)
  }

  /**
   * The final replies; undefined when they were lost, but not the bytes: firewalls cut control
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

  /** Whether it is over. False: another segment has to follow at once. */
  async #complete(reply: Reply, { incoming, lease }: Segment): Promise<boolean> {
    const { from, at } = this.#rewind!
    if (isPositive(reply)) return this.#judgeEnd(reply, incoming, lease.session)
    if (at === from && reply.code === 425) throw dataConnectionRefused('The download did not begin', reply)
    const refused = at === from && (reply.code === 450 || reply.code === 451)
    if (!refused && isBroken(reply))
      throw (await this.#absent(reply, lease)) ?? endedEarly(new FtpReplyError(reply))
    throw await this.#refused(reply, lease)
  }

  /** Why nothing came of what has no size: servers break off the transfer of what is missing, or a folder. */
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
      // Nothing but what has come tells that the connection was alive.
      session.server.can.dataAhead.fail()
      return false
    }
    // What came again is less than what was given away.
    if (came < this.#position && this.#position > this.start) throw short()
    let verdict = this.#position >= this.#end ? 'whole' : this.#verdict()
    if (verdict === 'ask') {
      const { facts, sizes } = await toldSize(session, serverFile(this.remote, this.path))
      verdict = this.#verdict(sizes)
      if (verdict === 'whole') this.#settle(facts)
    }
    if (from === 0) this.#endedAt = came
    if (verdict === 'short') throw short()
    if (verdict === 'long') {
      // As many as the whole file has: it began at 0.
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

  /** It has another size than was said at the beginning. */
  #settle(facts: FileVersion): void {
    const { from, at: came } = this.#rewind!
    const { size = 0, modified } = this.#facts ?? {}
    // What was read before may have been another file's.
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

  /** Reads on, waits, or gives the session back: by what the user takes and whether others wait. */
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
      // On a slow line the others do not wait for all that would be read ahead.
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
