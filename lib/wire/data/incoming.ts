import { openData, type DataOptions, type OpenedData } from './data.js'
import type { DataConnection } from './data-connection.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'
import { stopTransfer } from './stop-transfer.js'
import { TransferFlight } from './transfer-flight.js'

/**
 * `commands`: the transfer command and what it depends on: RETR behind its REST, MLSD, LIST. Only
 * reads may be in there.
 */
export interface IncomingOptions extends DataOptions {
  onData: (chunk: Buffer) => void
  /**
   * How many bytes to leave out at the beginning, judged by the replies to what stands before the
   * transfer command: where REST was refused, RETR begins at 0. Until these have come, bytes are
   * kept back.
   */
  skip?: (answers: readonly Reply[]) => number
  /** Milliseconds for the whole transfer, next to the session's time without progress. */
  timeout?: number
}

/** Bytes on their way from the server: one data connection, from its opening to the final reply. */
export class Incoming {
  /** The replies to the commands that went along. */
  asked: readonly Reply[] = []
  /**
   * Resolves with the final replies when the data connection is closed and all have been read;
   * rejects with a ConnectionLostError when either connection broke.
   */
  readonly done: Promise<Reply[]>
  readonly #session: Session
  readonly #data: DataConnection
  readonly #options: IncomingOptions
  /** Replies to what the transfer depends on, where it was sent before. */
  readonly #ahead: readonly Reply[]
  readonly #transfer: TransferFlight
  /** How many commands go in front of the transfer's, in one write. */
  readonly #along: number
  #judged: boolean
  #stopped = false
  #paused = false
  #skip: number | undefined
  #early: Buffer[] = []

  private constructor(
    session: Session,
    { data, asked }: OpenedData,
    ahead: readonly Reply[],
    options: IncomingOptions,
  ) {
    this.#session = session
    this.#data = data
    this.#ahead = ahead
    this.#options = options
    this.#judged = asked !== undefined
    this.#skip = options.skip || !this.#judged ? undefined : 0
    if (asked) this.asked = asked
    const along = asked ? [] : (options.along ?? [])
    this.#along = along.length
    const commands = options.commands.slice(ahead.length)
    this.#transfer = new TransferFlight(session, { along, commands }, this.#judged ? 0 : undefined)
    const { flight } = this.#transfer
    data.expect(options.commands.at(-1)!, flight.begun)
    void flight.begun.then(begun => {
      if (begun || flight.complete) this.#begun()
      // Lost before its 1xx, and no byte has come: none will, though the server may leave the
      // connection open.
      else if (data.bytes === 0) data.destroy()
    })
    this.done = this.#finish(this.#read())
    this.done.catch(() => {})
  }

  /**
   * Opens the data connection and sends the commands. Resolves with the refusal when `judge`
   * returns one.
   */
  static async open(session: Session, options: IncomingOptions): Promise<Incoming | Reply> {
    const opened = await openData(session, options)
    if (!('data' in opened)) return opened
    try {
      const { setsTransfersApart } = session.server
      const ahead = setsTransfersApart ? await session.flight(options.commands.slice(0, -1)) : []
      const incoming = new Incoming(session, opened, ahead, options)
      return (opened.asked ? undefined : await incoming.#judge()) ?? incoming
    } catch (error) {
      opened.data.destroy()
      throw error
    }
  }

  pause(): void {
    this.#paused = true
    this.#data.pause()
  }

  resume(): void {
    if (this.#stopped) return
    this.#paused = false
    this.#data.resume()
  }

  /** Ends the transfer early. Resolves when the session can be used again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#data.drain()
    // A reset, not FIN: ftp-srv 4.6.3 hangs on FIN, and ABOR is ignored by vsftpd 3.0.3 while data
    // flows.
    await stopTransfer(this.#session, this.#transfer.flight, this.#data, this.#data.taken)
  }

  /** The data connection was made ahead. */
  get ahead(): boolean {
    return this.#data.ahead
  }

  /**
   * Waits for the replies to what went along with the transfer's command. Resolves with the
   * refusal, the transfer being over.
   */
  async #judge(): Promise<Reply | undefined> {
    const { along = [], judge } = this.#options
    const { flight } = this.#transfer
    await flight.answered(along.length)
    if (flight.answers.length < along.length) await this.done
    flight.limit(0)
    this.asked = flight.answers.slice(0, along.length)
    let refusal: Reply | undefined
    try {
      refusal = judge?.([...this.asked])
    } catch (error) {
      await this.#discard()
      throw error
    }
    if (refusal) {
      await this.#discard()
      return refusal
    }
    this.#judged = true
    if ((await flight.begun) || flight.complete) this.#begun()
    return undefined
  }

  /** What comes is not what was asked for. */
  async #discard(): Promise<void> {
    const listing = this.#options.commands.at(-1)!.verb !== 'RETR'
    if (!listing || !this.#session.server.quirks.spoilsNextListing) return this.stop()
    this.#stopped = true
    // Its time runs on: a listing that never ends is not waited for.
    this.#data.resume()
    await this.done.catch(() => {})
  }

  /** The replies that decide on the first byte have come. Some servers send no 1xx. */
  #begun(): void {
    if (!this.#judged) return
    const answers = this.#transfer.flight.answers.slice(this.#along)
    this.#skip ??= this.#options.skip?.([...this.#ahead, ...answers]) ?? 0
    for (const chunk of this.#early.splice(0)) this.#take(chunk)
    if (!this.#paused) this.#data.resume()
  }

  #take(chunk: Buffer): void {
    if (this.#stopped) return
    if (this.#skip === undefined) {
      this.#early.push(chunk)
      this.#data.hold()
      return
    }
    const rest = chunk.subarray(this.#skip)
    this.#skip -= chunk.length - rest.length
    if (rest.length > 0) this.#options.onData(rest)
  }

  /** As that of DataConnection; asked for by `watchesEnd`. */
  get announcedEnd(): boolean | undefined {
    return this.#data.announcedEnd
  }

  /**
   * The bytes have come to their end, in order: whether they are all, only their number or the
   * final reply tells.
   */
  get ended(): boolean {
    return this.#data.ended && this.#data.failure === undefined
  }

  /** Reads to the end, or until the time for the whole is over. */
  async #read(): Promise<void> {
    const { timeout } = this.#options
    const late = (): void => this.#data.destroy(new Error(`Not complete within ${timeout} ms`))
    const timer = timeout && setTimeout(late, timeout)
    await this.#data.receive(chunk => this.#take(chunk))
    if (timer) clearTimeout(timer)
  }

  async #finish(read: Promise<void>): Promise<Reply[]> {
    const data = this.#data
    const { done, flight } = this.#transfer
    done.then(
      // A refused command leaves the data connection open on some servers and closes it on others.
      ({ answers }) => isPositive(answers.at(-1)!) || data.destroy(),
      () => {},
    )
    try {
      await read
      const patience = data.failure ? data.replyPatience : this.#session.options.shortTimeout
      flight.expire(patience)
      const { answers } = await done
      const flaw = this.#stopped ? undefined : data.flaw(answers.at(-1)!)
      if (flaw) throw flaw
      data.over(answers.at(-1))
      return [...this.#ahead, ...answers]
    } catch (error) {
      const reason = this.#stopped ? (error as Error) : data.reason(error)
      data.over(reason)
      throw reason
    }
  }
}
