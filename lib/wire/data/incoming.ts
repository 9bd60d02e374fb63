import { openData, type DataOptions, type OpenedData } from './data.js'
import type { DataConnection } from './data-connection.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'
import { stopTransfer } from './stop-transfer.js'
import { TransferFlight } from './transfer-flight.js'

/**
 * `commands` are the transfer command and those that it depends on: RETR after its REST, MLSD,
 * LIST. They must only read.
 */
export interface IncomingOptions extends DataOptions {
  onData: (chunk: Buffer) => void
  /**
   * The number of bytes to skip at the start, from the replies to the commands before the transfer
   * command: if REST is refused, RETR starts at 0. Bytes are held back until these replies have
   * come.
   */
  skip?: (answers: readonly Reply[]) => number
  /** Milliseconds for the whole transfer, in addition to the session's limit without progress. */
  timeout?: number
}

/** A transfer from the server: one data connection, from its opening to the final reply. */
export class Incoming {
  /** The replies to `along`. */
  asked: readonly Reply[] = []
  /**
   * Resolves with the final replies when the data connection is closed and all bytes have been
   * read; rejects with a ConnectionLostError if either connection broke.
   */
  readonly done: Promise<Reply[]>
  readonly #session: Session
  readonly #data: DataConnection
  readonly #options: IncomingOptions
  /** The replies to the commands that the transfer depends on, if they were sent separately. */
  readonly #ahead: readonly Reply[]
  readonly #transfer: TransferFlight
  /** The number of commands before the transfer's in the same write. */
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
      // Lost before its 1xx and before any byte: none will come, even if the server leaves the
      // connection open.
      else if (data.bytes === 0) data.destroy()
    })
    this.done = this.#finish(this.#read())
    this.done.catch(() => {})
  }

  /** Opens the data connection and sends the commands. Resolves with a refusal of `judge`. */
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

  /** Ends the transfer early. Resolves when the session is usable again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#data.drain()
    // By a reset: ftp-srv 4.6.3 hangs on FIN, and vsftpd 3.0.3 ignores ABOR while data flows.
    await stopTransfer(this.#session, this.#transfer.flight, this.#data, this.#data.taken)
  }

  /** Whether the data connection was opened ahead. */
  get ahead(): boolean {
    return this.#data.ahead
  }

  /**
   * Waits for the replies to the commands that went with the transfer's. Resolves with the refusal,
   * if any, after the transfer has ended.
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

  /** Discards a transfer after a refusal. */
  async #discard(): Promise<void> {
    const listing = this.#options.commands.at(-1)!.verb !== 'RETR'
    if (!listing || !this.#session.server.quirks.spoilsNextListing) return this.stop()
    this.#stopped = true
    // The time limit runs on, so that an endless listing does not block.
    this.#data.resume()
    await this.done.catch(() => {})
  }

  /** Starts delivery: the replies before the first byte have come. Some servers send no 1xx. */
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

  /** As `DataConnection.announcedEnd`; needs the option `watchesEnd`. */
  get announcedEnd(): boolean | undefined {
    return this.#data.announcedEnd
  }

  /**
   * Whether the data ended in an orderly way. Only the number of bytes or the final reply shows
   * that none are missing.
   */
  get ended(): boolean {
    return this.#data.ended && this.#data.failure === undefined
  }

  /** Reads to the end, or until the time limit for the whole transfer. */
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
