import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataOpener } from './data-setup.js'
import type { Command } from '../session/command.js'
import { DirectRead } from './direct-read.js'
import {
  CertificateError,
  ConnectionLostError,
  FtpError,
  FtpReplyError,
  noDataConnection,
  dataConnectionLost,
} from '../ftp-errors.js'
import { isPositive, type Reply } from '../reply/replies.js'
import type { Session } from '../session/session.js'
import { TlsRecords } from '../tls/tls-records.js'
import { TransferWatch } from './transfer-watch.js'

// Milliseconds that the reply to a transfer may take after its data connection failed to open,
// broke or was stopped.
const replyPatience = 5_000

// Milliseconds to wait on an unknown server for the 1xx of a transfer before TLS starts without it.
const handshakePatience = 500

/**
 * The data connection of one transfer, once it is set up with the server. Over TLS if the session
 * protects data connections: bytes flow when the certificate is accepted.
 *
 * It ends when its session is closed here, but not when the session is lost: bytes on their way may
 * still arrive.
 */
export class DataConnection {
  /** The error that broke it or prevented it from opening. */
  failure: Error | undefined
  /** Resolves when bytes can flow. */
  readonly ready: Promise<net.Socket>
  /** Resolves when it is closed, or has failed to open. */
  readonly closed: Promise<void>
  /** Resolves when the server has certainly accepted it: at the first byte, or at the end. */
  readonly taken: Promise<void>
  /** The server has ended it in an orderly way. */
  ended = false
  /** The number of bytes received or sent. */
  bytes = 0
  readonly #session: Session
  readonly #watchesEnd: boolean
  readonly #opener: DataOpener
  readonly #watch: TransferWatch
  #records: TlsRecords | undefined
  /** The connection itself, beneath TLS. */
  #plain: net.Socket | undefined
  #stream: net.Socket | undefined
  #command = ''
  #over = false
  #paused = false
  #onClosed!: () => void
  #onTaken!: () => void
  #onBegun!: () => void
  readonly #begun = new Promise<void>(resolve => (this.#onBegun = resolve))
  #gone = false

  /** @param watchesEnd over TLS, record whether the server ends with close_notify */
  constructor(session: Session, opener: DataOpener, watchesEnd = false) {
    this.#session = session
    this.#watchesEnd = watchesEnd
    this.#opener = opener
    this.closed = new Promise(resolve => (this.#onClosed = resolve))
    this.taken = new Promise(resolve => (this.#onTaken = resolve))
    this.#watch = new TransferWatch(session.options.readWriteTimeout, error => this.destroy(error))
    this.ready = this.#open()
    this.ready.catch(() => {})
    const { signal } = session
    const onEnd = (): void => this.destroy(signal.reason as Error)
    if (signal.aborted) onEnd()
    else signal.addEventListener('abort', onEnd, { once: true })
    void this.closed.then(() => signal.removeEventListener('abort', onEnd))
  }

  /**
   * Starts the time limit for opening: the transfer's command has been sent.
   *
   * @param begun resolves at the 1xx of the transfer
   */
  expect({ verb, path = '' }: Command, begun: Promise<unknown>): void {
    this.#command = `${verb} ${path}`.trimEnd()
    this.#session.log.transfer(this.#session.id, { event: 'begin', command: this.#command })
    const { options, server } = this.#session
    const { shortTimeout } = options
    const late = `The data connection was not open within ${shortTimeout} ms; does a firewall block it?`
    const timer = setTimeout(() => {
      // An earlier data connection has carried bytes, so that no firewall blocks them.
      const { sent, received } = server.traffic
      const lost = sent + received > 0 ? dataConnectionLost : noDataConnection
      this.destroy(this.ahead ? new ConnectionLostError(late) : lost(late))
    }, shortTimeout)
    const settled = (): void => clearTimeout(timer)
    this.ready.then(settled, settled)
    void begun.then(this.#onBegun)
  }

  /**
   * It was opened before the transfer was known. Only the transferred bytes prove that it was
   * alive.
   */
  get ahead(): boolean {
    return this.#opener.ahead ?? false
  }

  /**
   * It ended with close_notify: the server announced the end of the data. Undefined without TLS or
   * `watchesEnd`.
   */
  get announcedEnd(): boolean | undefined {
    return this.#records?.endsInOrder
  }

  /**
   * Milliseconds that the reply may take after the connection failed to open, broke or was stopped:
   * a reply is due at once.
   */
  get replyPatience(): number {
    return Math.min(this.#session.options.shortTimeout, replyPatience)
  }

  /** Resolves with whether bytes can flow, once that is known. */
  opens(): Promise<boolean> {
    const ready = this.ready.then(
      () => true,
      () => false,
    )
    return Promise.race([ready, this.closed.then(() => false)])
  }

  /**
   * Hands received bytes to `take`. Resolves when the connection is closed; `ended` and `failure`
   * report how.
   */
  async receive(take: (chunk: Buffer) => void): Promise<void> {
    const stream = await Promise.race([this.ready.catch(() => undefined), this.closed])
    if (stream && !this.#gone) {
      if (!this.#paused) this.#watch.start()
      const came = (chunk: Buffer): void => {
        this.#onTaken()
        // A received byte proves that the connection is alive; after an upload only the size does.
        if (this.ahead && this.bytes === 0) this.#session.server.can.dataAhead.succeed()
        this.bytes += chunk.length
        this.#session.server.traffic.received += chunk.length
        this.#watch.progress()
        take(chunk)
      }
      const direct = DirectRead.of(stream)
      if (direct) direct.begin(came)
      else stream.on('data', came)
      stream.on('end', () => {
        this.ended = true
        stream.end()
      })
      // A connection that the server opened arrives paused.
      if (this.#paused) stream.pause()
      else stream.resume()
    }
    await this.closed
  }

  /** Pauses for the consumer, without a time limit. */
  pause(): void {
    this.hold()
    this.#watch.pause()
  }

  /** Pauses until the server sends its replies; the time limit runs on. */
  hold(): void {
    this.#paused = true
    this.#stream?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (!this.#stream) return
    this.#watch.start()
    this.#stream.resume()
  }

  /** Reads without a time limit: further bytes are unwanted. */
  drain(): void {
    this.resume()
    this.#watch.pause()
  }

  /** Reads and drops bytes of an upload's connection: without a read, the FIN goes unnoticed. */
  discard(): void {
    if (!this.#stream) return
    DirectRead.of(this.#stream)?.begin(() => {})
    this.#stream.resume()
  }

  /** Resolves with true when the system has taken the piece; with false if the connection ended. */
  async write(piece: Uint8Array): Promise<boolean> {
    const stream = this.#stream
    if (!stream || stream.destroyed) return false
    this.#watch.start()
    const written = await new Promise<boolean>(resolve => stream.write(piece, error => resolve(!error)))
    this.#watch.pause()
    if (written) {
      this.bytes += piece.length
      this.#session.server.traffic.sent += piece.length
    }
    return written
  }

  /**
   * Ends it in an orderly way, over TLS with close_notify: without that, vsftpd 3.0.3 considers an
   * upload broken.
   */
  async end(): Promise<void> {
    const stream = this.#stream
    // Node 20 to 24 send no close_notify if `end` is called while the last part of the handshake is
    // being written.
    if (this.bytes === 0 && stream !== this.#plain) await new Promise(resolve => setImmediate(resolve))
    if (!stream || stream.destroyed) return
    this.#watch.start()
    stream.end()
    await Promise.race([this.closed, new Promise(resolve => stream.once('finish', resolve))])
    this.#watch.pause()
  }

  /** Resolves when the server has read all and closed it, or has made no progress for too long. */
  async drained(): Promise<void> {
    this.#watch.start()
    await this.closed
  }

  /** Resets it at once, so that the server does not see the end of a file. */
  reset(): void {
    const plain = this.#plain
    // libuv refuses to reset a connection that is shutting down (EINVAL): Node 20 to 24 then leave
    // it open and never emit `close`.
    if (!plain || this.#stream?.writableEnded) this.destroy()
    else plain.resetAndDestroy()
  }

  destroy(failure?: Error): void {
    this.failure ??= failure
    this.#opener.giveUp()
    if (this.#stream) this.#stream.destroy()
    else if (this.#plain) this.#plain.destroy()
    else this.#close()
  }

  /** Logs the end of the transfer: by its final reply, by an error, or because it was stopped. */
  over(outcome?: Reply | Error): void {
    if (this.#over || this.#command === '') return
    this.#over = true
    const failed =
      outcome instanceof Error ? outcome : outcome && !isPositive(outcome) && new FtpReplyError(outcome)
    const end = { event: 'end', command: this.#command, bytes: this.bytes } as const
    this.#session.log.transfer(this.#session.id, failed ? { ...end, reason: failed.message } : end)
  }

  /**
   * The error that invalidates the transfer, whatever its final reply. The caller handles a plain
   * refusal.
   */
  flaw(reply: Reply): Error | undefined {
    const { failure } = this
    // A refusal for another reason also aborts the connect and the handshake.
    if (failure instanceof ConnectionLostError) {
      if (failure.code !== 'ERR_FTP_TLS') return isPositive(reply) ? failure : undefined
      return isPositive(reply) || reply.code === 426 || blamesTls(reply) ? this.#lose(failure) : undefined
    }
    if (failure instanceof FtpError) return failure
    if (this.#session.protectsData && blamesTls(reply)) {
      const cause = new FtpReplyError(reply)
      return this.#lose(lostTls(`The server refused the TLS of the data connection: ${cause.message}`, cause))
    }
    if (this.ahead && this.bytes === 0 && (isPositive(reply) ? failure : noConnection(reply))) {
      this.#session.server.can.dataAhead.fail()
      const cause = failure ?? new FtpReplyError(reply)
      return new ConnectionLostError(`The data connection that was made ahead was lost: ${cause.message}`, {
        cause,
      })
    }
    // A refusal explains more than the reset that came with it. After a 226, bytes may still be
    // missing: pyftpdlib 1.5.7 sends it after an upload that was reset.
    if (!failure || !isPositive(reply)) return undefined
    return new ConnectionLostError(`The data connection broke: ${failure.message}`, { cause: failure })
  }

  /** The error that ended the transfer: of this connection if it failed, else of the session. */
  reason(error: unknown): Error {
    return this.failure instanceof FtpError ? this.failure : (error as Error)
  }

  async #open(): Promise<net.Socket> {
    try {
      const plain = await this.#opener.opened
      this.#plain = plain
      plain.on('error', error => this.#fail(error))
      if (this.failure || plain.destroyed) {
        plain.destroy()
        throw this.failure ?? plain.errored ?? new Error('It was closed')
      }
      this.#stream = this.#session.protectsData ? await this.#secure(plain) : plain
      this.#stream.on('error', error => this.#fail(error))
      if (this.#stream.closed) this.#close()
      else this.#stream.once('close', () => this.#close())
      return this.#stream
    } catch (error) {
      this.#fail(error as Error)
      this.#plain?.destroy()
      this.#close()
      throw error
    }
  }

  async #secure(plain: net.Socket): Promise<net.Socket> {
    const { security, server } = this.#session
    // pyftpdlib 1.5.7 loses bytes that arrive before its 1xx; ftp-srv 4.6.3 sends the 1xx only
    // after the handshake.
    const waits = !server.quirks.dataBeforeReply && !server.handshakesFirst
    const first = waits && !(await this.#beginsInTime())
    if (this.#gone || plain.destroyed) throw this.failure ?? new Error('It was closed')
    try {
      if (this.#watchesEnd) this.#records = new TlsRecords(plain)
      const secured = await security!.secure(plain, this.#records)
      if (first) server.handshakesFirst = true
      return secured
    } catch (error) {
      if (!(error instanceof CertificateError)) throw lostTls((error as Error).message, error)
      // Set first: the certificate is the reason, not the end of the session that follows.
      this.#fail(error)
      this.#session.close(new ConnectionLostError(error.message))
      throw error
    }
  }

  /** Whether the 1xx comes, or the connection ends, within the time limit. */
  async #beginsInTime(): Promise<boolean> {
    const over = new AbortController()
    const patience = sleep(handshakePatience, false, over).catch(() => false)
    const settled = Promise.race([this.#begun, this.closed]).then(() => true)
    const timely = await Promise.race([settled, patience])
    over.abort()
    return timely
  }

  /** Closes the session too: the next one starts a new TLS session. */
  #lose(lost: ConnectionLostError): ConnectionLostError {
    this.#session.close(lost)
    return lost
  }

  #fail(error: Error): void {
    this.failure ??= error
  }

  #close(): void {
    this.#gone = true
    this.#watch.end()
    this.#onTaken()
    this.#onClosed()
  }
}

const lostTls = (message: string, cause: unknown): ConnectionLostError =>
  new ConnectionLostError(message, { cause }, 'ERR_FTP_TLS')

/**
 * Whether the server did not accept the TLS session: vsftpd 3.0.3 replies 522, ProFTPD 1.3.8 425;
 * the 53x codes are those of RFC 2228.
 */
const blamesTls = ({ code }: Reply): boolean => code === 425 || code === 522 || (code >= 533 && code <= 536)

/** Whether the server has no data connection, or lost it. */
const noConnection = ({ code }: Reply): boolean => code === 425 || code === 426
