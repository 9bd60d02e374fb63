import { once } from 'node:events'
import { ipv4Form } from './address.js'
import type { MadeAhead } from './arrangement.js'
import { command, type Command } from './commands.js'
import { ControlConnection } from './control.js'
import { cut } from './cut.js'
import { beforeConnection, ConnectionLostError, FtpError, FtpReplyError } from './errors.js'
import { Flight } from './flight.js'
import type { Log } from './log.js'
import type { ByteString } from './names.js'
import { isPositive, type Reply } from './replies.js'
import { RestartPosition } from './restart-position.js'
import { Security, tlsReason } from './security.js'
import type { ServerProfile } from './server-profile.js'
import type { SessionOptions } from './session-options.js'
import { WorkingDirectory } from './working-directory.js'

export type { SessionOptions }

// How long a server that is not known, and has not yet been seen to answer pipelined commands, may
// leave one unanswered: this part of `shortTimeout`, 5 s of the default 30 s.
const pipeliningProof = 1 / 6

let sessions = 0

/**
 * One control connection and its state. Whoever holds it is alone with it; see the pool for who
 * may.
 */
export class Session {
  readonly id = ++sessions
  /** The address that data connections go to. */
  address = ''
  /** TLS, where it is wanted. */
  readonly security: Security | undefined
  /** Data connections are to be over TLS. */
  protectsData = false
  /** The data connection that is made ahead, if there is one. */
  warm: MadeAhead = { ask: [], take: () => {}, use: () => Promise.resolve(undefined), drop: () => {} }
  flights = 0
  commands = 0
  onClosed: (() => void) | undefined
  readonly #control: ControlConnection
  readonly #directory: WorkingDirectory
  readonly #position: RestartPosition
  readonly #end = new AbortController()
  #flight: Flight | undefined
  #lost: ConnectionLostError | undefined
  #onLost: ((lost: ConnectionLostError) => void) | undefined

  constructor(
    readonly options: SessionOptions,
    readonly server: ServerProfile,
    readonly log: Log,
  ) {
    this.#control = new ControlConnection(
      reason => this.#closed(reason),
      said => log.masked(said),
    )
    this.#directory = new WorkingDirectory(options, server)
    this.#position = new RestartPosition(server)
    this.security = options.encryptionMode === 'None' ? undefined : new Security(options)
    server.directories.add(this.#directory)
  }

  get closed(): boolean {
    return this.#lost !== undefined
  }

  /**
   * The session can be handed to the next user: it is connected, every reply has been read, and no
   * position is left for the next transfer.
   */
  get usable(): boolean {
    return !this.closed && this.#flight === undefined && !this.#position.left
  }

  /**
   * Aborted, with a ConnectionLostError, when the session was ended from here: data connections end
   * with it then. When it was lost, the bytes of a transfer may still come to their end.
   */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** The address of this machine, as the server sees it unless there is NAT in between. */
  get localAddress(): string {
    return ipv4Form(this.#control.socket.localAddress)
  }

  /** The connection goes over TLS. */
  get secured(): boolean {
    return this.#control.hasTLS
  }

  /**
   * Connects and resolves with the greeting. Rejects with what the socket said, or a
   * ConnectionLostError.
   */
  async connect(): Promise<Reply> {
    const { host, port, shortTimeout, encryptionMode } = this.options
    const { socket } = this.#control
    this.log.session(this.id, { event: 'connect' })
    const timer = setTimeout(
      () => this.#giveUp(`No greeting from ${host}:${port}`, shortTimeout),
      shortTimeout,
    )
    const greeting = this.#control.replies<Reply>((reply, done) => {
      this.log.reply(this.id, reply.lines)
      // 120: ready in a while; the 220 follows (RFC 959, section 5.4).
      if (reply.code >= 200) done(reply)
    })
    greeting.catch(() => {})
    try {
      socket.connect({ host, port })
      await Promise.race([once(socket, 'connect'), greeting])
      socket.setNoDelay(true)
      this.#control.keepAlive()
      this.address = ipv4Form(socket.remoteAddress ?? host)
      if (encryptionMode === 'Implicit') await this.secure()
      return await greeting
    } catch (error) {
      if (error instanceof FtpError && !(error instanceof ConnectionLostError)) throw error
      const lost = this.#lostBy(error as Error)
      throw this.address === '' ? beforeConnection(lost) : lost
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Turns the control connection to TLS. Rejects with ERR_FTP_TLS, a CertificateError, or a
   * ConnectionLostError.
   */
  async secure(): Promise<void> {
    this.#throwIfLost()
    const { shortTimeout } = this.options
    const timer = setTimeout(() => this.#giveUp('No TLS handshake', shortTimeout), shortTimeout)
    try {
      // basic-ftp takes all listeners from a socket that it closes: the handshake would not hear of
      // it.
      const lost = new Promise<never>((_, reject) => (this.#onLost = reject))
      const secured = await Promise.race([this.security!.secure(this.#control.socket), lost])
      this.#control.upgrade(secured)
      const { name: cipher } = secured.getCipher()
      this.log.session(this.id, { event: 'secure', protocol: secured.getProtocol() ?? '', cipher })
    } finally {
      this.#onLost = undefined
      clearTimeout(timer)
    }
    this.#throwIfLost()
  }

  /** PWD has told where the session is. */
  arrive(remotePath: ByteString): void {
    this.#directory.arrive(remotePath)
  }

  /**
   * Writes the commands as one flight and resolves with the final reply to each, a refusal being a
   * reply like any other.
   *
   * Rejects with a ConnectionLostError, and with a TypeError, before anything is sent, when a
   * command holds CR, LF or NUL.
   */
  async flight(commands: readonly Command[]): Promise<Reply[]> {
    const replies: Reply[] = []
    const most = this.server.pipelining === 'broken' ? 1 : Infinity
    for (const part of cut(commands, this.#directory, this.server.quirks.flightBytes, most)) {
      try {
        const refusal = await this.enter(part)
        if (refusal) replies.push(...part.map(() => refusal))
        else replies.push(...(await this.begin(part).done))
      } catch (error) {
        if (error instanceof ConnectionLostError) {
          error.answered = [...replies, ...error.answered]
          error.attempted += replies.length
        }
        throw error
      }
    }
    return replies
  }

  /**
   * As `flight`, without waiting: for a transfer, whose flight is under way while its bytes are.
   *
   * @param timeout milliseconds without a reply after which the session is given up; 0: as long as
   *   it takes
   */
  begin(commands: readonly Command[], timeout = this.options.shortTimeout): Flight {
    const lines = commands.map(command => this.#directory.line(command))
    const flight = new Flight(commands, this.server.quirks.endsStoppedTransferWith150, milliseconds =>
      this.#timedOut(flight, milliseconds),
    )
    const { pipelining, kind } = this.server
    const unproven = commands.length > 1 && pipelining === 'untried' && kind === 'unknown'
    const proof = Math.ceil(this.options.shortTimeout * pipeliningProof)
    flight.limit(unproven && timeout > 0 ? Math.min(timeout, proof) : timeout)
    this.#flight = flight
    this.flights += 1
    this.commands += commands.length
    flight.done = this.#run(flight, lines)
    // The promise is awaited by whoever began the flight, perhaps only after the data.
    flight.done.catch(() => {})
    return flight
  }

  /**
   * With `useCwdNames`, goes to the folder in which the commands' names are. Resolves with the
   * refusal, if any: nothing may be sent then, since a bare name would mean a file of another
   * folder.
   */
  async enter(commands: readonly Command[]): Promise<Reply | undefined> {
    const folder = commands
      .map(command => this.#directory.folderOf(command))
      .find(found => found !== undefined)
    if (folder === undefined || this.#directory.isIn(folder)) return undefined
    try {
      const [reply] = await this.begin([command('CWD', folder)]).done
      return isPositive(reply!) ? undefined : reply
    } catch (error) {
      // Of the commands themselves nothing was tried.
      if (error instanceof ConnectionLostError) error.attempted = 0
      throw error
    }
  }

  /** How many bytes the commands take on the wire, at most. */
  length(commands: readonly Command[]): number {
    return commands.reduce((sum, command) => sum + this.#directory.absoluteLine(command).length + 2, 0)
  }

  /**
   * The commands that bring a listing of the folder, which need not name it: none where the session
   * is there already.
   */
  into(folder: ByteString): Command[] {
    return this.#directory.isIn(folder) ? [] : [command('CWD', folder)]
  }

  /**
   * Writes a NOOP behind a transfer that was stopped: its reply shows that no other will come for
   * that.
   */
  fence(): void {
    this.commands += 1
    this.#write(['NOOP'])
  }

  /** Ends the connection at once; QUIT is said, its reply is not waited for. */
  close(reason = new ConnectionLostError('The session was closed')): void {
    if (!this.closed) this.#end.abort(reason)
    this.#control.closeWithError(reason)
  }

  /** Whether the connection keeps the process alive. */
  hold(alive: boolean): void {
    if (alive) this.#control.socket.ref()
    else this.#control.socket.unref()
  }

  async #run(flight: Flight, lines: readonly ByteString[]): Promise<Reply[]> {
    const { writeBytes = Infinity } = this.server.quirks
    const writes = inWrites(lines, writeBytes)
    let attempted = 0
    let read = 0
    const writeNext = (): void => {
      read = attempted
      const next = writes.shift() ?? []
      attempted += next.length
      this.#write(next)
    }
    try {
      const replies = this.#control.replies<Reply[]>((reply, done) => {
        this.log.reply(this.id, reply.lines)
        if (reply.code === 421) {
          // Where it stands says nothing: the commands behind it may have been carried out.
          const cause = new FtpReplyError(reply)
          const reason = new ConnectionLostError(`The server ended the session: ${cause.message}`, { cause })
          this.#control.closeWithError(reason)
          return
        }
        const asked = flight.commands[flight.answers.length]
        const answered = flight.take(reply)
        if (asked) this.#position.follow(asked, reply)
        if (answered) this.#directory.follow(answered, reply)
        if (writes.length > 0 && flight.answers.length > read) writeNext()
        if (!flight.complete) return
        if (lines.length > 1 && this.server.pipelining === 'untried') this.server.pipelining = 'proven'
        done(flight.answers)
      })
      if (!this.closed) writeNext()
      return await replies
    } catch (error) {
      const lost = this.#lostBy(error as Error)
      this.close(lost)
      lost.answered = [...flight.answers]
      lost.attempted = attempted
      throw lost
    } finally {
      flight.end()
      if (this.#flight === flight) this.#flight = undefined
    }
  }

  #write(lines: readonly ByteString[]): void {
    for (const line of lines) this.log.command(this.id, line)
    this.#control.write(lines)
  }

  #timedOut(flight: Flight, milliseconds: number): void {
    const { answers, commands } = flight
    if (answers.length > 0 && answers.length < commands.length && this.server.pipelining === 'untried') {
      this.server.pipelining = 'broken'
      this.close(
        new ConnectionLostError(
          'The server does not answer pipelined commands: it gets them one by one from now on',
        ),
      )
      return
    }
    const next = commands[answers.length]
    this.#giveUp(`No reply to ${next ? next.verb.split(' ', 1)[0] : 'the transfer'}`, milliseconds)
  }

  #throwIfLost(): void {
    if (this.#lost) throw this.#lost
  }

  #giveUp(what: string, milliseconds: number): void {
    this.close(new ConnectionLostError(`${what} within ${milliseconds} ms`, {}, 'ETIMEDOUT'))
  }

  #closed(reason: Error): void {
    this.#lost = this.#lostBy(reason)
    this.#onLost?.(this.#lost)
    this.warm.drop()
    this.log.session(this.id, { event: 'close', reason: this.#lost.message })
    this.server.directories.delete(this.#directory)
    this.onClosed?.()
  }

  #lostBy(reason: Error): ConnectionLostError {
    if (reason instanceof ConnectionLostError) return reason
    if (this.#lost) return this.#lost
    // With TLS 1.3 a server says only after the handshake that it wants another certificate, or
    // any.
    const alert = tlsReason(reason)
    return new ConnectionLostError(
      `The control connection was lost: ${alert ?? reason.message}`,
      { cause: reason },
      alert === undefined ? undefined : 'ERR_FTP_TLS',
    )
  }
}

/** The lines in writes of so many bytes at most. */
function inWrites(lines: readonly ByteString[], mostBytes: number): ByteString[][] {
  const writes: ByteString[][] = []
  let bytes = 0
  for (const line of lines) {
    bytes += line.length + 2
    if (bytes > mostBytes || writes.length === 0) {
      writes.push([])
      bytes = line.length + 2
    }
    writes.at(-1)!.push(line)
  }
  return writes
}
