import type net from 'node:net'
import type { Command } from './commands.js'
import { openData } from './data.js'
import { ConnectionLostError } from './errors.js'
import type { Flight } from './flight.js'
import { isPositive, type Reply } from './replies.js'
import type { Session } from './session.js'
import { TransferWatch } from './transfer-watch.js'

export interface IncomingOptions {
  /** Commands that go in the flight of EPSV, in front of it: their replies are in `asked`. */
  along?: readonly Command[]
  /** Judges those replies: a reply that it returns ends the attempt before anything is asked for. */
  judge?: (asked: Reply[]) => Reply | undefined
  /** The transfer command and what it depends on: RETR behind its REST, MLSD, LIST. Only reads may be in here. */
  commands: readonly Command[]
  onData: (chunk: Buffer) => void
  /**
   * How many bytes to leave out at the beginning, judged by the replies that came before the transfer's 1xx:
   * where REST was refused, RETR begins at 0. Until these have come, bytes are kept back.
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
  readonly #flight: Flight
  readonly #watch: TransferWatch
  #stopped = false
  #skip: number | undefined
  #early: Buffer[] = []

  private constructor(session: Session, socket: net.Socket, asked: Reply[], options: IncomingOptions) {
    this.asked = asked
    this.#session = session
    this.#socket = socket
    this.#watch = new TransferWatch(socket, session.options.readWriteTimeout)
    const ended = this.#read(options)
    this.#skip = options.skip ? undefined : 0
    this.#flight = session.begin(options.commands, { timeout: 0, onPreliminary: () => this.#begun(options) })
    this.#watch.progress()
    this.done = this.#finish(ended)
    this.done.catch(() => {})
  }

  /** Opens the data connection and sends the commands. Resolves with the refusal when `judge` returns one. */
  static async open(session: Session, options: IncomingOptions): Promise<Incoming | Reply> {
    const { socket, replies } = await openData(session, options.along)
    const refusal = options.judge?.(replies) ?? (await session.enter(options.commands))
    if (refusal) {
      socket.destroy()
      return refusal
    }
    return new Incoming(session, socket, replies, options)
  }

  pause(): void {
    this.#socket.pause()
    this.#watch.pause()
  }

  resume(): void {
    if (this.#stopped) return
    this.#watch.progress()
    this.#socket.resume()
  }

  /** Ends the transfer early. Resolves when the session can be used again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#watch.pause()
    // A reset, not FIN: ftp-srv 4.6.3 hangs on FIN, and ABOR is ignored by vsftpd 3.0.3 while data flows.
    this.#socket.resetAndDestroy()
    await this.#session.stopped(this.#flight)
  }

  #begun({ skip, onData }: IncomingOptions): void {
    this.#watch.progress()
    if (this.#skip !== undefined || !skip) return
    this.#skip = skip(this.#flight.answers)
    for (const chunk of this.#early.splice(0)) if (!this.#stopped) this.#leaveOut(chunk, onData)
  }

  #leaveOut(chunk: Buffer, onData: (chunk: Buffer) => void): void {
    const rest = chunk.subarray(this.#skip)
    this.#skip! -= chunk.length - rest.length
    if (rest.length > 0) onData(rest)
  }

  #read({ onData, timeout }: IncomingOptions): Promise<Error | undefined> {
    const socket = this.#socket
    return new Promise(resolve => {
      const whole =
        timeout && setTimeout(() => socket.destroy(new Error(`Not complete within ${timeout} ms`)), timeout)
      let failure: Error | undefined
      socket.on('data', (chunk: Buffer) => {
        this.#watch.progress()
        if (this.#stopped) return
        if (this.#skip === undefined) this.#early.push(chunk)
        else if (this.#skip === 0) onData(chunk)
        else this.#leaveOut(chunk, onData)
      })
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
    // A refused command leaves the data connection open on some servers and closes it on others.
    void done.then(
      replies => isPositive(replies.at(-1)!) || this.#socket.destroy(),
      () => this.#socket.destroy(),
    )
    const failure = await ended
    this.#watch.pause()
    if (!this.#stopped) this.#flight.limit(this.#session.options.shortTimeout)
    const replies = await done
    // A refusal says more than the reset that came with it; but bytes may be missing whatever a 226 says.
    if (failure && !this.#stopped && isPositive(replies.at(-1)!)) {
      throw new ConnectionLostError(`The data connection broke: ${failure.message}`, { cause: failure })
    }
    return replies
  }
}
