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

// How long the reply to a transfer may take when its data connection has not come about, broke or
// was stopped.
const replyPatience = 5_000

// How long a server that is not known may leave a transfer without its 1xx, before TLS begins all
// the same.
const handshakePatience = 500

/**
 * The data connection of one transfer, from the time that the server knows where it is to be. Over
 * TLS where the session's are: then bytes flow when the certificate has passed.
 *
 * It ends with its session, unless that was lost: the bytes that are on their way may still come.
 */
export class DataConnection {
  /** What broke it, or kept it from coming about. */
  failure: Error | undefined
  /** Resolves when bytes can flow. */
  readonly ready: Promise<net.Socket>
  /** Resolves when it is closed, and when it will not come about. */
  readonly closed: Promise<void>
  /** Resolves when the server has surely accepted it: with the first byte, or at the end. */
  readonly taken: Promise<void>
  /** The server has ended it in order. */
  ended = false
  /** How many bytes have come or gone. */
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

  /** `watchesEnd`: of what comes over TLS it is to be known whether it ended with close_notify. */
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
   * The transfer's command has been sent: the server has to do its part now. `begun` resolves at
   * its 1xx.
   */
  expect({ verb, path = '' }: Command, begun: Promise<unknown>): void {
    this.#command = `${verb} ${path}`.trimEnd()
    this.#session.log.transfer(this.#session.id, { event: 'begin', command: this.#command })
    const { options, server } = this.#session
    const { shortTimeout } = options
    const late = `The data connection was not open within ${shortTimeout} ms; does a firewall block it?`
    const timer = setTimeout(() => {
      // One has carried bytes before: it is no firewall.
      const { sent, received } = server.traffic
      const lost = sent + received > 0 ? dataConnectionLost : noDataConnection
      this.destroy(this.ahead ? new ConnectionLostError(late) : lost(late))
    }, shortTimeout)
    const settled = (): void => clearTimeout(timer)
    this.ready.then(settled, settled)
    void begun.then(this.#onBegun)
  }

  /**
   * It was made before the transfer was known: nothing but what has been transferred tells that it
   * was alive.
   */
  get ahead(): boolean {
    return this.#opener.ahead ?? false
  }

  /**
   * It ended with close_notify: the server says that nothing is missing. Undefined without TLS, and
   * where it is not watched.
   */
  get announcedEnd(): boolean | undefined {
    return this.#records?.endsInOrder
  }

  /**
   * Milliseconds that the reply may take when this has not come about, broke or was stopped: it is
   * there, or about to be.
   */
  get replyPatience(): number {
    return Math.min(this.#session.options.shortTimeout, replyPatience)
  }

  /** Whether bytes can flow, once that is known. */
  opens(): Promise<boolean> {
    const ready = this.ready.then(
      () => true,
      () => false,
    )
    return Promise.race([ready, this.closed.then(() => false)])
  }

  /**
   * Hands over what comes. Resolves when the connection is closed; `ended` and `failure` tell how.
   */
  async receive(take: (chunk: Buffer) => void): Promise<void> {
    const stream = await Promise.race([this.ready.catch(() => undefined), this.closed])
    if (stream && !this.#gone) {
      if (!this.#paused) this.#watch.start()
      const came = (chunk: Buffer): void => {
        this.#onTaken()
        // Of an upload only the size of the file tells.
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
      // What the server has connected to comes paused.
      if (this.#paused) stream.pause()
      else stream.resume()
    }
    await this.closed
  }

  /** The user takes no more for now: no time runs. */
  pause(): void {
    this.hold()
    this.#watch.pause()
  }

  /** Takes no more for now, which is the server's fault. */
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

  /** What comes from now on is of no interest: no time runs. */
  drain(): void {
    this.resume()
    this.#watch.pause()
  }

  /** The server sends nothing here; read, or its FIN would not be seen. */
  discard(): void {
    if (!this.#stream) return
    DirectRead.of(this.#stream)?.begin(() => {})
    this.#stream.resume()
  }

  /**
   * Resolves when the piece has been handed to the system: with false when the connection is gone.
   */
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
   * Ends it in order, over TLS with close_notify: vsftpd 3.0.3 takes an upload without it for
   * broken.
   */
  async end(): Promise<void> {
    const stream = this.#stream
    // Node 20 to 24 send no close_notify when told to end while the last of the handshake is being
    // written.
    if (this.bytes === 0 && stream !== this.#plain) await new Promise(resolve => setImmediate(resolve))
    if (!stream || stream.destroyed) return
    this.#watch.start()
    stream.end()
    await Promise.race([this.closed, new Promise(resolve => stream.once('finish', resolve))])
    this.#watch.pause()
  }

  /** Resolves when the server has taken all and closed it, or has done nothing for too long. */
  async drained(): Promise<void> {
    this.#watch.start()
    await this.closed
  }

  /** Ends it at once: the server sees a reset, and not the end of a file. */
  reset(): void {
    const plain = this.#plain
    // libuv refuses to reset what is being shut down (EINVAL): Node 20 to 24 then leave it open,
    // and `close` never comes.
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

  /**
   * The transfer is over, for the log: with a final reply, with an error, or because it was
   * stopped.
   */
  over(outcome?: Reply | Error): void {
    if (this.#over || this.#command === '') return
    this.#over = true
    const failed =
      outcome instanceof Error ? outcome : outcome && !isPositive(outcome) && new FtpReplyError(outcome)
    const end = { event: 'end', command: this.#command, bytes: this.bytes } as const
    this.#session.log.transfer(this.#session.id, failed ? { ...end, reason: failed.message } : end)
  }

  /**
   * Why the transfer, of which this is the final reply, is worth nothing. A refusal is left to the
   * caller.
   */
  flaw(reply: Reply): Error | undefined {
    const { failure } = this
    // A transfer that is refused for another reason breaks off the connecting and the handshake,
    // too.
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
    // A refusal says more than the reset that came with it; but bytes may be missing whatever a 226
    // says, which pyftpdlib 1.5.7 answers to an upload that was reset.
    if (!failure || !isPositive(reply)) return undefined
    return new ConnectionLostError(`The data connection broke: ${failure.message}`, { cause: failure })
  }

  /**
   * What ended the transfer, which may have been this connection's fault rather than that of the
   * session.
   */
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
    // pyftpdlib 1.5.7 loses what comes before its 1xx; ftp-srv 4.6.3 says 1xx only when it has
    // come.
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
      // It is the reason, and not the end of the session.
      this.#fail(error)
      this.#session.close(new ConnectionLostError(error.message))
      throw error
    }
  }

  /** Whether the 1xx comes, or the connection ends, within the patience. */
  async #beginsInTime(): Promise<boolean> {
    const over = new AbortController()
    const patience = sleep(handshakePatience, false, over).catch(() => false)
    const settled = Promise.race([this.#begun, this.closed]).then(() => true)
    const timely = await Promise.race([settled, patience])
    over.abort()
    return timely
  }

  /** The session ends with it: another begins with a new TLS session. */
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
 * The TLS session could not be gone on with: vsftpd 3.0.3 says 522, ProFTPD 1.3.8 425; 53x are
 * those of RFC 2228.
 */
const blamesTls = ({ code }: Reply): boolean => code === 425 || code === 522 || (code >= 533 && code <= 536)

/** The server has no data connection, or lost it. */
const noConnection = ({ code }: Reply): boolean => code === 425 || code === 426
