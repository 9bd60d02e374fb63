import { once } from 'node:events'
import { command, type Command } from './commands.js'
import { ControlConnection } from './control.js'
import { ConnectionLostError } from './errors.js'
import { Flight, type FlightOptions } from './flight.js'
import type { Log } from './log.js'
import { dirname, basename, type ByteString, type NameEncoding } from './names.js'
import { isPositive, replyText, type Reply } from './replies.js'
import type { ServerProfile } from './server-profile.js'

export interface SessionOptions {
  host: string
  port: number
  user: string
  password: string
  account?: string | undefined
  encryptionMode: string
  dataConnectionType: string
  /** Milliseconds for connecting and for the reply to a command. */
  shortTimeout: number
  /** Milliseconds without progress on a data connection. */
  readWriteTimeout: number
  /** Write bare names inside the right working directory instead of absolute paths. */
  useCwdNames: boolean
  encoding: NameEncoding
  /** The absolute remote path of a virtual path, given the working directory at login. */
  remotePath: (path: ByteString, loginDirectory: ByteString) => ByteString
  /** Whether paths need the working directory at login. */
  loginRelative: boolean
}

// How long a server that has not yet been seen to answer pipelined commands may leave one unanswered.
const pipeliningProof = 5_000

// How long the reply to a transfer that was stopped may take, before its session is given up.
const stopPatience = 5_000

let sessions = 0

/** One control connection and its state. Whoever holds it is alone with it; see the pool for who may. */
export class Session {
  readonly id = ++sessions
  /** The address that data connections go to. */
  address = ''
  flights = 0
  commands = 0
  onClosed: (() => void) | undefined
  readonly #control: ControlConnection
  #flight: Flight | undefined
  #folder: ByteString | undefined
  #lost: ConnectionLostError | undefined

  constructor(
    readonly options: SessionOptions,
    readonly server: ServerProfile,
    readonly log: Log,
  ) {
    this.#control = new ControlConnection(reason => this.#closed(reason))
  }

  get closed(): boolean {
    return this.#lost !== undefined
  }

  /** The session can be handed to the next user: it is connected and every reply has been read. */
  get usable(): boolean {
    return !this.closed && this.#flight === undefined
  }

  /** Connects and resolves with the greeting. Rejects with what the socket said, or a ConnectionLostError. */
  async connect(): Promise<Reply> {
    const { host, port, shortTimeout } = this.options
    const { socket } = this.#control
    const timer = setTimeout(() => {
      const error = new ConnectionLostError(
        `No greeting from ${host}:${port} within ${shortTimeout} ms`,
        {},
        'ETIMEDOUT',
      )
      this.close(error)
    }, shortTimeout)
    try {
      const greeting = this.#control.replies<Reply>((reply, done) => {
        this.log.reply(this.id, reply.lines)
        // 120: ready in a while; the 220 follows (RFC 959, section 5.4).
        if (reply.code >= 200) done(reply)
      })
      greeting.catch(() => {})
      socket.connect({ host, port })
      await Promise.race([once(socket, 'connect'), greeting])
      socket.setNoDelay(true)
      this.address = socket.remoteAddress ?? host
      return await greeting
    } catch (error) {
      const cause = error as NodeJS.ErrnoException
      throw this.#lost?.code === 'ETIMEDOUT' ? this.#lost : cause.syscall ? cause : this.#lostBy(cause)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Writes the commands as one flight and resolves with the final reply to each, a refusal being a reply like any other. */
  async flight(commands: readonly Command[], options: FlightOptions = {}): Promise<Reply[]> {
    const replies: Reply[] = []
    try {
      for (const part of this.#parts(commands)) {
        const refusal = await this.enter(part)
        if (refusal) replies.push(...part.map(() => refusal))
        else replies.push(...(await this.begin(part, options).done))
      }
    } catch (error) {
      if (error instanceof ConnectionLostError) {
        error.answered = [...replies, ...error.answered]
        error.attempted += replies.length
      }
      throw error
    }
    return replies
  }

  /** As `flight`, without waiting: for a transfer, whose flight is under way while its bytes are. */
  begin(commands: readonly Command[], options: FlightOptions = {}): Flight {
    const timeout = options.timeout ?? this.options.shortTimeout
    const unproven = commands.length > 1 && this.server.pipelining === 'untried'
    const limit = unproven && timeout > 0 ? Math.min(timeout, pipeliningProof) : timeout
    const flight = new Flight(
      commands,
      { ...options, timeout: limit },
      this.server.quirks.endsStoppedTransferWith150,
      milliseconds => this.#timedOut(flight, milliseconds),
    )
    this.#flight = flight
    this.flights += 1
    this.commands += commands.length
    flight.done = this.#run(flight)
    // The promise is awaited by whoever began the flight, perhaps only after the data.
    flight.done.catch(() => {})
    return flight
  }

  /**
   * With `useCwdNames`, goes to the folder in which the commands' names are. Resolves with the refusal, if
   * any: nothing may be sent then, since a bare name would mean a file of another folder.
   */
  async enter(commands: readonly Command[]): Promise<Reply | undefined> {
    const path = commands.find(({ verb, path }) => path !== undefined && verb !== 'CWD')?.path
    if (!this.options.useCwdNames || path === undefined || dirname(path) === this.#folder) return undefined
    const [reply] = await this.begin([command('CWD', dirname(path))]).done
    return isPositive(reply!) ? undefined : reply
  }

  /** The commands that bring a listing of the folder, which need not name it: none where the session is there already. */
  into(folder: ByteString): Command[] {
    return this.#folder === folder ? [] : [command('CWD', folder)]
  }

  /**
   * The data connection of the running transfer was reset: resolves when its final reply has come, so that
   * the session can be used again. Closes the session where that reply cannot be told.
   */
  async stopped(flight: Flight): Promise<void> {
    if (!flight.complete && !this.closed) {
      // No NOOP as a fence: pyftpdlib 1.5.7 answers it before the transfer.
      flight.stop()
      flight.limit(Math.min(this.options.shortTimeout, stopPatience))
    }
    await flight.done.catch(() => {})
  }

  /** Ends the connection at once; QUIT is said, its reply is not waited for. */
  close(reason = new ConnectionLostError('The session was closed')): void {
    this.#control.closeWithError(reason)
  }

  /** Whether the connection keeps the process alive. */
  hold(alive: boolean): void {
    if (alive) this.#control.socket.ref()
    else this.#control.socket.unref()
  }

  async #run(flight: Flight): Promise<Reply[]> {
    const { commands } = flight
    let written = 0
    try {
      const lines = commands.map(command => this.#line(command))
      const replies = this.#control.replies<Reply[]>((reply, done) => {
        this.log.reply(this.id, reply.lines)
        if (reply.code === 421) {
          // It stands for the reply to the next command, which the server does not carry out any more.
          written = flight.answers.length
          this.close(
            new ConnectionLostError(`The server ended the session: ${this.log.masked(replyText(reply))}`),
          )
          return
        }
        const answered = flight.take(reply)
        if (answered?.verb === 'CWD' && isPositive(reply)) this.#folder = answered.path
        if (!flight.complete) return
        if (commands.length > 1) this.server.pipelining = 'proven'
        done(flight.answers)
      })
      for (const line of lines) this.log.command(this.id, line)
      if (!this.closed) written = lines.length
      this.#control.write(lines)
      return await replies
    } catch (error) {
      const lost = this.#lostBy(error as Error)
      this.close(lost)
      lost.answered = [...flight.answers]
      lost.attempted = written
      throw lost
    } finally {
      flight.end()
      if (this.#flight === flight) this.#flight = undefined
    }
  }

  #line({ verb, path }: Command): ByteString {
    if (path === undefined) return verb
    if (this.options.useCwdNames && verb !== 'CWD' && dirname(path) === this.#folder) {
      const name = basename(path)
      // A name in front of which a server sees an option or white space is told apart by its folder, `.`.
      return `${verb} ${name === '' ? '.' : /^[ ~-]/.test(name) ? `./${name}` : name}`
    }
    return `${verb} ${this.options.remotePath(path, this.server.loginDirectory)}`
  }

  /** Cuts commands into flights: by what the server stands, and by folder where bare names are written. */
  *#parts(commands: readonly Command[]): Generator<Command[]> {
    const most = this.server.pipelining === 'broken' ? 1 : Infinity
    let part: Command[] = []
    let bytes = 0
    for (const next of commands) {
      const length = next.verb.length + (next.path?.length ?? 0) + 3
      const last = part.at(-1)
      const moves =
        this.options.useCwdNames &&
        last !== undefined &&
        (last.verb === 'CWD' ||
          (next.path !== undefined && last.path !== undefined && dirname(next.path) !== dirname(last.path)))
      if (
        part.length > 0 &&
        (part.length >= most || bytes + length > this.server.quirks.flightBytes || moves)
      ) {
        yield part
        part = []
        bytes = 0
      }
      part.push(next)
      bytes += length
    }
    if (part.length > 0) yield part
  }

  #timedOut(flight: Flight, milliseconds: number): void {
    const answers = flight.answers.length
    const next = flight.commands[answers]
    if (answers > 0 && answers < flight.commands.length && this.server.pipelining === 'untried') {
      this.server.pipelining = 'broken'
      this.log.note(this.id, 'the server does not answer pipelined commands: one at a time from now on')
    }
    const what = next ? next.verb.split(' ', 1)[0] : 'the transfer'
    this.close(new ConnectionLostError(`No reply to ${what} within ${milliseconds} ms`, {}, 'ETIMEDOUT'))
  }

  #closed(reason: Error): void {
    this.#lost = this.#lostBy(reason)
    this.log.note(this.id, `closed: ${this.#lost.message}`)
    this.onClosed?.()
  }

  #lostBy(reason: Error): ConnectionLostError {
    if (reason instanceof ConnectionLostError) return reason
    return (
      this.#lost ??
      new ConnectionLostError(`The control connection was lost: ${reason.message}`, { cause: reason })
    )
  }
}
