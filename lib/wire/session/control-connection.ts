import { FTPContext, type FTPResponse } from 'basic-ftp'
import type { TLSSocket } from 'node:tls'
import { ConnectionLostError, FtpReplyError, OutOfStepError } from '../ftp-errors.js'
import type { ByteString } from '../names/names.js'
import { isPositive, ReplyParser, type Reply, type Shown } from '../reply/replies.js'

// Milliseconds of silence after which a reply is over whose last line has another code than its first.
const endPatience = 500

// Milliseconds without traffic; firewalls forget connections after some minutes.
const keepAliveAfter = 30_000

/**
 * A control connection: basic-ftp's socket and task handling with our own reply parser in it.
 *
 * It speaks latin1, which maps bytes to characters one to one, so that names keep their bytes.
 * The parser needs two protected members of FTPContext, which `~6.2.3` in package.json pins.
 */
export class ControlConnection extends FTPContext {
  /** Whether what is waited for may end by a reply whose last line has another code than its first. */
  mayEndBy: (reply: Reply) => boolean = () => false
  readonly #parser: ReplyParser
  #greets = true
  #awaited = false
  #ended = false
  #silence: NodeJS.Timeout | undefined
  readonly #onClosed: (reason: Error) => void

  /** `onClosed` is called once, whoever ended the connection and why. `shown`: how errors show what the server said. */
  constructor(onClosed: (reason: Error) => void, shown?: Shown) {
    super(0, 'latin1')
    this.#onClosed = onClosed
    this.#parser = new ReplyParser(shown)
  }

  /** Hands every reply to `handler` until the returned promise settles: by the handler, or by the loss of the connection. */
  replies<T>(handler: (reply: Reply, done: (value: T) => void) => void): Promise<T> {
    // basic-ftp 6.2.3 writes down the stack for every task: a tenth of what a small file costs.
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

  /** Writes the lines in one go: one segment, where they fit. */
  write(lines: readonly ByteString[]): void {
    this.#greets = false
    this.socket.cork()
    try {
      for (const line of lines) this.send(line)
    } finally {
      this.socket.uncork()
    }
  }

  /** Goes on over TLS: on the same connection, whose bytes `secured` takes now. */
  upgrade(secured: TLSSocket): void {
    // A new socket would bring a context to life again that was closed meanwhile.
    if (this.#ended) {
      secured.destroy()
      return
    }
    // What came in plaintext behind the reply to AUTH would be taken for the server's (CVE-2011-0411).
    if (this.#parser.begun) {
      this.closeWithError(new ConnectionLostError('The server sent more than a reply before TLS began'))
      return
    }
    // ProFTPD 1.3.8 and Pure-FTPd 1.0.50 read 4 KiB of a larger record, and then wait though they hold the rest.
    secured.setMaxSendFragment(4096)
    this.socket = secured
    this.keepAlive()
  }

  /** Lets the system keep the connection in the memory of firewalls while a transfer goes on. */
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
    // Some servers greet in pieces.
    if (this.#greets && reply.code === 220) return
    // A reply that nobody waits for (a 421 on an idle connection, most often) leaves the count of replies in doubt.
    const cause = new FtpReplyError(reply)
    const what = 'The server sent a reply to nothing'
    this.closeWithError(
      isPositive(reply)
        ? new OutOfStepError(what, cause)
        : new ConnectionLostError(`${what}: ${cause.message}`, { cause }),
    )
  }
}
