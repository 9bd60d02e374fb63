import { FTPContext, type FTPResponse } from 'basic-ftp'
import type { TLSSocket } from 'node:tls'
import { ConnectionLostError, FtpReplyError, OutOfStepError } from '../ftp-errors.js'
import type { ByteString } from '../names/names.js'
import { isPositive, ReplyParser, type Reply, type Formatter } from '../reply/replies.js'

// Milliseconds of silence that end a reply whose last line has another code than its first.
const endPatience = 500

// Milliseconds without traffic: firewalls drop idle connections after some minutes.
const keepAliveAfter = 30_000

/**
 * A control connection: basic-ftp's socket and task handling with a reply parser of our own.
 *
 * It uses latin1, which maps bytes to characters one to one, so that names keep their bytes.
 * The parser needs two protected members of FTPContext, which `~6.2.3` in package.json pins.
 */
export class ControlConnection extends FTPContext {
  /** Whether the awaited reply may have another code in its last line than in its first. */
  mayEndBy: (reply: Reply) => boolean = () => false
  readonly #parser: ReplyParser
  #greets = true
  #awaited = false
  #ended = false
  #silence: NodeJS.Timeout | undefined
  readonly #onClosed: (reason: Error) => void

  /**
   * @param onClosed called once, however the connection ends
   * @param shown formats text of the server for errors
   */
  constructor(onClosed: (reason: Error) => void, shown?: Formatter) {
    super(0, 'latin1')
    this.#onClosed = onClosed
    this.#parser = new ReplyParser(shown)
  }

  /**
   * Passes every reply to `handler` until the handler or the loss of the connection settles the
   * returned promise.
   */
  replies<T>(handler: (reply: Reply, done: (value: T) => void) => void): Promise<T> {
    // basic-ftp 6.2.3 records a stack trace per task: a tenth of the cost of a small file.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    this.#awaited = true
    try {
      return this.handle(undefined, (response, task) => {
        if (response instanceof Error) task.reject(response)
        else
          handler(response as unknown as Reply, value => {
            this.#awaited = false
            task.resolve(value)
          })
      }) as Promise<T>
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  /** Writes the lines at once: in one segment, if they fit. */
  write(lines: readonly ByteString[]): void {
    this.#greets = false
    this.socket.cork()
    try {
      for (const line of lines) this.send(line)
    } finally {
      this.socket.uncork()
    }
  }

  /** Continues over TLS on the same connection, whose bytes `secured` now reads. */
  upgrade(secured: TLSSocket): void {
    // A new socket would revive a context that has been closed meanwhile.
    if (this.#ended) {
      secured.destroy()
      return
    }
    // Plaintext after the reply to AUTH would count as a reply over TLS (CVE-2011-0411).
    if (this.#parser.begun) {
      this.closeWithError(new ConnectionLostError('The server sent more than a reply before TLS began'))
      return
    }
    // ProFTPD 1.3.8 and Pure-FTPd 1.0.50 read 4 KiB of a larger record, then wait for input
    // although they already hold the rest.
    secured.setMaxSendFragment(4096)
    this.socket = secured
    this.keepAlive()
  }

  /** Enables TCP keep-alive, so that firewalls do not drop the connection during a transfer. */
  keepAlive(): void {
    this.socket.setKeepAlive(true, keepAliveAfter)
  }

  override closeWithError(reason: Error): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#silence)
    super.closeWithError(reason)
    this.#onClosed(reason)
  }

  protected override _onControlSocketData(chunk: string): void {
    clearTimeout(this.#silence)
    try {
      for (const reply of this.#parser.push(chunk)) this.#take(reply)
      if (this.#parser.cutShort) this.#silence = setTimeout(() => this.#cutShort(), endPatience)
    } catch (error) {
      this.closeWithError(new ConnectionLostError(`The server sent ${(error as Error).message}`))
    }
  }

  #cutShort(): void {
    const reply = this.#parser.cutShort
    if (!reply || !this.mayEndBy(reply)) return
    this.#parser.end()
    this.#take(reply)
  }

  #take(reply: Reply): void {
    if (this.#awaited) {
      this._passToHandler(reply as unknown as FTPResponse)
      return
    }
    // Some servers send several greetings.
    if (this.#greets && reply.code === 220) return
    // After an unexpected reply (most often a 421 on an idle connection), the count of replies is
    // in doubt.
    const cause = new FtpReplyError(reply)
    const what = 'The server sent a reply to no command'
    this.closeWithError(
      isPositive(reply)
        ? new OutOfStepError(what, cause)
        : new ConnectionLostError(`${what}: ${cause.message}`, { cause }),
    )
  }
}
