import type net from 'node:net'
import { openData, type DataConnection, type DataOptions } from './data.js'
import { ConnectionLostError } from './errors.js'
import type { Flight } from './flight.js'
import { isPositive, type Reply } from './replies.js'
import type { Session } from './session.js'
import { TransferWatch } from './transfer-watch.js'

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
  readonly #socket: net.Socket
  readonly #options: IncomingOptions
  /** Replies to what the transfer depends on, where it was sent before. */
  readonly #ahead: readonly Reply[]
  readonly #flight: Flight
  readonly #watch: TransferWatch
  /** Resolves when the server has surely accepted the data connection: with the first byte, or at the end. */
  readonly #taken: Promise<unknown>
  #stopped = false
  #paused = false
  #skip: number | undefined
  #early: Buffer[] = []

  private constructor(
    session: Session,
    { socket, asked }: DataConnection,
    ahead: readonly Reply[],
    options: IncomingOptions,
  ) {
    this.asked = asked
    this.#session = session
    this.#socket = socket
    this.#ahead = ahead
    this.#options = options
    this.#skip = options.skip ? undefined : 0
    this.#watch = new TransferWatch(socket, session.options.readWriteTimeout)
    this.#taken = new Promise(resolve => socket.once('data', resolve).once('close', resolve))
    this.#flight = session.begin(options.commands.slice(ahead.length), 0)
    void this.#flight.begun.then(begun => {
      if (begun || this.#flight.complete) this.#begun()
    })
    this.#watch.start()
    this.done = this.#finish(this.#read())
    this.done.catch(() => {})
  }

  /** Opens the data connection and sends the commands. Resolves with the refusal when `judge` returns one. */
  static async open(session: Session, options: IncomingOptions): Promise<Incoming | Reply> {
    const data = await openData(session, options)
    if (!('socket' in data)) return data
    try {
      const oneByOne = session.server.pipelining === 'broken'
      const ahead = oneByOne ? await session.flight(options.commands.slice(0, -1)) : []
      return new Incoming(session, data, ahead, options)
    } catch (error) {
      data.socket.destroy()
      throw error
    }
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
    this.#watch.pause()
  }

  resume(): void {
    if (this.#stopped) return
    this.#paused = false
    this.#watch.start()
    this.#socket.resume()
  }

  /** Ends the transfer early. Resolves when the session can be used again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#watch.pause()
    this.#socket.resume()
    // A reset, not FIN: ftp-srv 4.6.3 hangs on FIN, and ABOR is ignored by vsftpd 3.0.3 while data flows.
    await this.#session.stop(this.#flight, this.#socket, this.#taken)
  }

  /** The replies that decide on the first byte have come. Some servers send no 1xx. */
  #begun(): void {
    this.#skip ??= this.#options.skip!([...this.#ahead, ...this.#flight.answers])
    for (const chunk of this.#early.splice(0)) this.#take(chunk)
    if (!this.#paused) this.#socket.resume()
  }

  #take(chunk: Buffer): void {
    if (this.#stopped) return
    this.#watch.progress()
    if (this.#skip === undefined) {
      this.#early.push(chunk)
      this.#socket.pause()
      return
    }
    const rest = chunk.subarray(this.#skip)
    this.#skip -= chunk.length - rest.length
    if (rest.length > 0) this.#options.onData(rest)
  }

  /** Reads to the end; resolves with what broke the connection, if anything did. */
  #read(): Promise<Error | undefined> {
    const socket = this.#socket
    const { timeout } = this.#options
    return new Promise(resolve => {
      const whole =
        timeout && setTimeout(() => socket.destroy(new Error(`Not complete within ${timeout} ms`)), timeout)
      let failure: Error | undefined
      socket.on('data', (chunk: Buffer) => this.#take(chunk))
      socket.on('end', () => socket.end())
      socket.on('error', error => (failure = error))
      socket.on('close', () => {
        if (whole) clearTimeout(whole)
        resolve(failure)
      })
    })
  }

  async #finish(ended: Promise<Error | undefined>): Promise<Reply[]> {
    const { done } = this.#flight
    done.then(
      // A refused command leaves the data connection open on some servers and closes it on others.
      replies => isPositive(replies.at(-1)!) || this.#socket.destroy(),
      () => {},
    )
    const failure = await ended
    if (!this.#stopped) this.#flight.limit(this.#session.options.shortTimeout)
    const replies = await done
    // A refusal says more than the reset that came with it; but bytes may be missing whatever a 226 says.
    if (failure && !this.#stopped && isPositive(replies.at(-1)!)) {
      throw new ConnectionLostError(`The data connection broke: ${failure.message}`, { cause: failure })
    }
    return [...this.#ahead, ...replies]
  }
}
