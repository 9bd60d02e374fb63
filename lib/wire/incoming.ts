import { openData, type DataOptions, type OpenedData } from './data.js'
import type { DataConnection } from './data-connection.js'
import type { Flight } from './flight.js'
import { isPositive, type Reply } from './replies.js'
import type { Session } from './session.js'
import { stopTransfer } from './stop-transfer.js'

/** `commands`: the transfer command and what it depends on: RETR behind its REST, MLSD, LIST. Only reads may be in there. */
export interface IncomingOptions extends DataOptions {
  onData: (chunk: Buffer) => void
  /**
   * How many bytes to leave out at the beginning, judged by the replies to what stands before the transfer
   * command: where REST was refused, RETR begins at 0. Until these have come, bytes are kept back.
   */
  skip?: (answers: readonly Reply[]) => number
  /** Milliseconds for the whole transfer, next to the session's time without progress. */
  timeout?: number
}

/** Bytes on their way from the server: one data connection, from its opening to the final reply. */
export class Incoming {
  /** The replies to the commands that went along with EPSV. */
  readonly asked: readonly Reply[]
  /**
   * Resolves with the final replies when the data connection is closed and all have been read; rejects with
   * a ConnectionLostError when either connection broke.
   */
  readonly done: Promise<Reply[]>
  readonly #session: Session
  readonly #data: DataConnection
  readonly #options: IncomingOptions
  /** Replies to what the transfer depends on, where it was sent before. */
  readonly #ahead: readonly Reply[]
  readonly #flight: Flight
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
    this.asked = asked
    this.#session = session
    this.#data = data
    this.#ahead = ahead
    this.#options = options
    this.#skip = options.skip ? undefined : 0
    this.#flight = session.begin(options.commands.slice(ahead.length), 0)
    data.expect(options.commands.at(-1)!, this.#flight.begun)
    void this.#flight.begun.then(begun => {
      if (begun || this.#flight.complete) this.#begun()
    })
    this.done = this.#finish(this.#read())
    this.done.catch(() => {})
  }

  /** Opens the data connection and sends the commands. Resolves with the refusal when `judge` returns one. */
  static async open(session: Session, options: IncomingOptions): Promise<Incoming | Reply> {
    const opened = await openData(session, options)
    if (!('data' in opened)) return opened
    try {
      const oneByOne = session.server.pipelining === 'broken'
      const ahead = oneByOne ? await session.flight(options.commands.slice(0, -1)) : []
      return new Incoming(session, opened, ahead, options)
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
    // A reset, not FIN: ftp-srv 4.6.3 hangs on FIN, and ABOR is ignored by vsftpd 3.0.3 while data flows.
    await stopTransfer(this.#session, this.#flight, this.#data, this.#data.taken)
  }

  /** The replies that decide on the first byte have come. Some servers send no 1xx. */
  #begun(): void {
    this.#skip ??= this.#options.skip!([...this.#ahead, ...this.#flight.answers])
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

  /** The bytes have come to their end, in order: whether they are all, only their number or the final reply tells. */
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
    const { done } = this.#flight
    done.then(
      // A refused command leaves the data connection open on some servers and closes it on others.
      replies => isPositive(replies.at(-1)!) || data.destroy(),
      () => {},
    )
    try {
      await read
      const patience = data.failure ? data.replyPatience : this.#session.options.shortTimeout
      if (!this.#stopped) this.#flight.limit(patience)
      const replies = await done
      const flaw = this.#stopped ? undefined : data.flaw(replies.at(-1)!)
      if (flaw) throw flaw
      data.over(replies.at(-1))
      return [...this.#ahead, ...replies]
    } catch (error) {
      const reason = this.#stopped ? (error as Error) : data.reason(error)
      data.over(reason)
      throw reason
    }
  }
}
