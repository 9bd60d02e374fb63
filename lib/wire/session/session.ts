import { once } from 'node:events'
import { ipv4Form } from './address.js'
import type { PreparedConnection } from '../data/data-setup.js'
import { align, isMatch } from './align.js'
import { command, type Command } from './command.js'
import { ControlConnection } from './control-connection.js'
import { cut } from './cut.js'
import {
  beforeConnection,
  ConnectionLostError,
  FtpError,
  FtpReplyError,
  OutOfStepError,
} from '../ftp-errors.js'
import { Fence } from './fence.js'
import { FencedFlight } from './fenced-flight.js'
import { isChange, isGreeting, isTransfer } from '../reply/fitting-replies.js'
import { Flight } from './flight.js'
import type { Log } from '../log.js'
import type { ByteString } from '../names/names.js'
import { isPositive, isPreliminary, type Reply } from '../reply/replies.js'
import { RestartPosition } from './restart-position.js'
import { Security, tlsReason } from '../tls/security.js'
import type { ServerProfile } from '../server/server-profile.js'
import type { SessionOptions } from './session-options.js'
import { TransferType } from './transfer-type.js'
import { attemptedOfAll, notSent, repliesToAll, withoutCwd } from './without-cwd.js'
import { staysPut, WorkingDirectory } from './working-directory.js'

export type { SessionOptions }

// How long a server that is not known, and has not yet been seen to answer pipelined commands, may
// leave one unanswered: this part of `shortTimeout`, 5 s of the default 30 s.
const pipeliningProof = 1 / 6

// How long such a server may leave the next one unanswered, once it has answered the first.
const nextReplyPatience = 1_000

let sessions = 0

/** One control connection and its state. It has one user at a time, which the pool assigns. */
export class Session {
  readonly id = ++sessions
  /** The address of the server, for data connections. */
  address = ''
  /** TLS, if the options demand or allow it. */
  readonly security: Security | undefined
  /** Data connections use TLS. */
  protectsData = false
  /** The data connection that is opened ahead, if any. */
  warm: PreparedConnection = {
    ask: [],
    take: () => {},
    use: () => Promise.resolve(undefined),
    drop: () => {},
  }
  /** The server has accepted user and password: from then on, a flight may end with a fence. */
  loggedIn = false
  flights = 0
  commands = 0
  onClosed: (() => void) | undefined
  readonly #control: ControlConnection
  readonly #directory: WorkingDirectory
  readonly #position: RestartPosition
  readonly #type: TransferType
  /** A reply did not end properly: the next line may still belong to it. */
  #inDoubt = false
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
    this.#directory = new WorkingDirectory(server)
    this.#position = new RestartPosition(server)
    this.#type = new TransferType(options.transferType === 'ascii')
    this.security = options.encryptionMode === 'None' ? undefined : new Security(options)
    server.directories.add(this.#directory)
  }

  get closed(): boolean {
    return this.#lost !== undefined
  }

  /**
   * Whether the pool can assign the session again: it is connected, every reply has been read, no
   * restart position is left over, and the type is that of files.
   */
  get usable(): boolean {
    const settled = this.#flight === undefined && !this.#inDoubt
    return !this.closed && settled && !this.#position.left && this.#type.settled
  }

  /** Sets the type of files again after a listing in another; a refusal makes it unusable. */
  async returnToType(): Promise<void> {
    if (!this.closed && !this.#type.settled) await this.flight([this.#type.command])
  }

  /**
   * Aborted with a ConnectionLostError when the session is closed here, which ends its data
   * connections. Not aborted when it is lost: the bytes of a transfer may still arrive.
   */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** The address of this machine on the control connection: NAT may show the server another. */
  get localAddress(): string {
    return ipv4Form(this.#control.socket.localAddress)
  }

  /** Whether the control connection uses TLS. */
  get secured(): boolean {
    return this.#control.hasTLS
  }

  /**
   * Connects, and resolves with the greeting. Rejects with the socket's error or a
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
      // 120: the server is not ready yet; a 220 follows (RFC 959, section 5.4).
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
   * Starts TLS on the control connection. Rejects with ERR_FTP_TLS, a CertificateError or a
   * ConnectionLostError.
   */
  async secure(): Promise<void> {
    this.#throwIfLost()
    const { shortTimeout } = this.options
    const timer = setTimeout(() => this.#giveUp('No TLS handshake', shortTimeout), shortTimeout)
    try {
      // basic-ftp removes all listeners from a socket that it closes: the handshake would never
      // settle.
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

  /** Sets the working directory that PWD reported. */
  arrive(remotePath: ByteString): void {
    this.#directory.arrive(remotePath)
  }

  /**
   * Writes the commands as one flight, and resolves with the final reply to each; a refusal is a
   * reply like any other.
   *
   * Rejects with a ConnectionLostError; with a TypeError before anything is sent if a command holds
   * CR, LF or NUL.
   */
  async flight(commands: readonly Command[]): Promise<Reply[]> {
    if (!this.server.namesAreRelative) return this.#inParts(commands)
    const sent = withoutCwd(commands)
    try {
      return repliesToAll(commands, await this.#inParts(sent))
    } catch (error) {
      if (error instanceof ConnectionLostError) {
        error.answered = repliesToAll(commands, error.answered)
        error.attempted = attemptedOfAll(commands, error.attempted)
      }
      throw error
    }
  }

  /** Writes what the server reads at once, one part after the other. */
  async #inParts(commands: readonly Command[]): Promise<Reply[]> {
    const replies: Reply[] = []
    const max = this.server.can.pipelining.failed ? 1 : Infinity
    for (const part of cut(commands, this.#directory, this.server.quirks.flightBytes, max)) {
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
    const unproven = commands.length > 1 && this.#testsPipelining && this.server.kind === 'unknown'
    if (unproven && timeout > 0)
      void flight.answered(1).then(() => flight.limit(Math.min(timeout, nextReplyPatience)))
    const proof = Math.ceil(this.options.shortTimeout * pipeliningProof)
    flight.limit(unproven && timeout > 0 ? Math.min(timeout, proof) : timeout)
    this.#flight = flight
    this.flights += 1
    this.commands += commands.length
    flight.done = this.#run(flight, lines)
    // The caller awaits the promise, perhaps only after the data.
    flight.done.catch(() => {})
    return flight
  }

  /**
   * Enters the folder of the commands' bare names. Resolves with the refusal, if any, or with
   * `staysPut` if CWD had no effect: then nothing may be sent, because a bare name would mean a
   * file of another folder.
   */
  async enter(commands: readonly Command[]): Promise<Reply | undefined> {
    const folder = commands
      .map(command => this.#directory.folderOf(command))
      .find(found => found !== undefined)
    if (folder === undefined || this.#directory.isIn(folder)) return undefined
    if (this.server.namesAreRelative) return notSent
    try {
      const [reply] = await this.flight(this.entering(folder))
      if (!isPositive(reply!)) return reply
      return this.staysPut ? staysPut : undefined
    } catch (error) {
      // None of the commands themselves was attempted.
      if (error instanceof ConnectionLostError) error.attempted = 0
      throw error
    }
  }

  /** The maximum length of the commands on the wire, in bytes. */
  length(commands: readonly Command[]): number {
    return commands.reduce((sum, command) => sum + this.#directory.pathLine(command).length + 2, 0)
  }

  /** The commands that enter a folder, and prove it where CWD is not trusted. */
  entering(folder: ByteString): Command[] {
    return this.#directory.entering(folder)
  }

  /** Whether the last CWD was accepted without effect, according to PWD. */
  get staysPut(): boolean {
    return this.#directory.stays
  }

  /** The CWD before a listing that does not name the folder: none if the session is there. */
  into(folder: ByteString): Command[] {
    return this.#directory.isIn(folder) ? [] : [command('CWD', folder)]
  }

  /** Writes a NOOP after a stopped transfer: its reply shows that the transfer gets no other. */
  fence(): void {
    this.commands += 1
    this.#write(['NOOP'])
  }

  /** Closes the connection at once: sends QUIT without waiting for the reply. */
  close(reason = new ConnectionLostError('The session was closed')): void {
    if (!this.closed) this.#end.abort(reason)
    this.#control.closeWithError(reason)
  }

  /** Sets whether the connection keeps the process alive. */
  hold(alive: boolean): void {
    if (alive) this.#control.socket.ref()
    else this.#control.socket.unref()
  }

  async #run(flight: Flight, lines: readonly ByteString[]): Promise<Reply[]> {
    const { writeBytes = Infinity } = this.server.quirks
    const fence = this.#fenceBehind(flight.commands)
    if (fence) this.commands += fence.lines.length
    const fencedByReply = flight.commands.some(isTransfer) || this.server.can.pipelining.failed
    const all = fence && !fencedByReply ? [...lines, ...fence.lines] : lines
    const times = this.#isTimed(flight.commands) ? this.server.flightTimes : undefined
    const oneByOne = times?.areFasterOneByOne(all.length) ?? false
    const watch = times?.watch(all.length, oneByOne)
    const writes = oneByOne ? all.map(line => [line]) : inWrites(all, writeBytes)
    const fenced =
      fence && new FencedFlight(flight, fence, fencedByReply ? () => this.#write(fence.lines) : undefined)
    let written = 0
    let read = 0
    let came = 0
    let mixed: Reply[] | undefined
    const mayBeMixed = (): boolean => lines.length > 1 && this.#testsPipelining
    const writeNext = (): void => {
      read = written
      const next = writes.shift() ?? []
      written += next.length
      this.#write(next)
    }
    const goOn = (): void => {
      if (writes.length > 0 && came > read) writeNext()
    }
    const file = (reply: Reply): void => {
      const asked = flight.commands[flight.answers.length]
      const answered = flight.take(reply)
      if (asked) this.#position.follow(asked, reply)
      if (answered) {
        this.#directory.follow(answered, reply)
        this.#type.follow(answered, reply)
      }
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
        if (reply.cutShort) this.#inDoubt = true
        if (!isPreliminary(reply)) {
          came += 1
          watch?.replied()
        }
        if (fenced) {
          if (isPreliminary(reply)) file(reply)
          if (!fenced.take(reply)) {
            goOn()
            return
          }
          const aligned = this.#aligned(flight.commands, fenced.fence)
          if (!aligned) return
          for (const each of aligned) file(each)
        } else {
          const { awaited } = flight
          if (awaited && isGreeting(awaited, reply)) return
          if (mixed ?? (awaited && mayBeMixed() && !this.server.fits(awaited, reply))) {
            mixed ??= [...flight.answers]
            mixed.push(reply)
            if (mixed.length === lines.length) this.#judgeMixed(flight.commands, mixed)
            return
          }
          if (awaited && !isPreliminary(reply) && !this.#fits(flight.commands, awaited, reply)) return
          file(reply)
        }
        goOn()
        if (!flight.complete) return
        if (lines.length > 1 && this.#testsPipelining) this.server.can.pipelining.succeed()
        done(flight.answers)
      })
      this.#control.mayEndBy = reply => this.#mayEnd(fenced ? flight.commands : [flight.awaited], reply)
      if (!this.closed) writeNext()
      const given = await replies
      // Another reply came with the last one: one of those before may be a stray one.
      if (this.#lost instanceof OutOfStepError) throw this.#lost
      return given
    } catch (error) {
      const lost = this.#lostBy(error as Error)
      this.close(lost)
      lost.answered = fenced && !this.server.outOfStep ? this.#heldInOrder(fenced) : [...flight.answers]
      lost.attempted = Math.min(written, lines.length)
      throw lost
    } finally {
      fenced?.end()
      flight.end()
      if (this.#flight === flight) this.#flight = undefined
    }
  }

  /** Whether the server has yet to prove that it replies to several commands of one write. */
  get #testsPipelining(): boolean {
    const { pipelining } = this.server.can
    return !pipelining.proven && pipelining.usable
  }

  /** Whether to measure the time of a flight: on unknown servers, without a data connection. */
  #isTimed(commands: readonly Command[]): boolean {
    const { kind, can } = this.server
    if (kind !== 'unknown' || !this.loggedIn || !can.pipelining.proven) return false
    return !commands.some(command => isTransfer(command) || opensActively(command))
  }

  /** Whether a reply that is cut short may belong to one of the commands. */
  #mayEnd(commands: readonly (Command | undefined)[], reply: Reply): boolean {
    return commands.some(
      command =>
        command && this.server.fits(command, reply) && (!isPreliminary(reply) || isTransfer(command)),
    )
  }

  /**
   * The fence at the end of a flight, on a server that is out of step or may be so unnoticed. None
   * after a command that its successor must follow at once.
   */
  #fenceBehind(commands: readonly Command[]): Fence | undefined {
    const { outOfStep, fence, answersSyst } = this.server
    const last = commands.at(-1)?.verb ?? ''
    if (!this.loggedIn || /^(?:RNFR|PRET)\b/.test(last)) return undefined
    if (!outOfStep && !this.#mayHideStray(commands)) return undefined
    const fenceKind = fence === 'untried' && !answersSyst ? 'echoes' : fence
    const kind = outOfStep ? fenceKind : 'system'
    // The reply to a SYST of the flight would count as that of the fence.
    if (kind !== 'echoes' && commands.some(({ verb }) => verb === 'SYST')) return undefined
    return new Fence(kind, this.#position.behind(commands))
  }

  /**
   * Whether a stray reply could pass for one of these: among several, or as the success of a
   * change. A transfer gets no fence, because that would cost a round trip.
   */
  #mayHideStray(commands: readonly Command[]): boolean {
    const { kind, can, answersSyst } = this.server
    if (kind !== 'unknown' || !can.pipelining.proven || !answersSyst) return false
    // pyftpdlib 1.5.7 replies to PORT and EPRT once it has connected, and to later commands before.
    if (commands.some(command => isTransfer(command) || opensActively(command))) return false
    return commands.length > 1 || commands.some(isChange)
  }

  /** The replies to the commands. If they are ambiguous, undefined, and the session is closed. */
  #aligned(commands: readonly Command[], { held, kind }: Fence): Reply[] | undefined {
    const { server } = this
    if (server.outOfStep) server.fence = kind
    const fits = (command: Command, reply: Reply): boolean => server.fits(command, reply)
    const aligned = align(commands, held, fits)
    if (aligned) {
      if (held.length > commands.length) server.outOfStep = true
      return aligned
    }
    const odd = commands.findIndex((command, index) => held[index] && !fits(command, held[index]))
    const command = commands[odd]
    if (command && held.length === commands.length && server.learnOdd(this.id, command, held[odd]!)) {
      const all = align(commands, held, fits)
      if (all) {
        // Nothing was out of step.
        server.outOfStep = false
        return all
      }
    }
    if (held.length < commands.length) this.#loseOrder()
    else if (command && held.length === commands.length) this.#loseBy(command, held[odd]!, commands)
    else
      this.#lose(
        `The replies to ${verbs(commands)} cannot be distinguished from others`,
        held.at(-1)!,
        commands,
      )
    return undefined
  }

  /** The replies so far to a lost flight, up to the first odd one: all before it are in step. */
  #heldInOrder({ flight: { commands }, fence: { held } }: FencedFlight): Reply[] {
    const odd = held.findIndex(
      (reply, index) => !commands[index] || !this.server.fits(commands[index], reply),
    )
    return odd < 0 ? [...held] : held.slice(0, odd)
  }

  /** Whether a reply can be the reply to the command. If not, the session is closed. */
  #fits(commands: readonly Command[], awaited: Command, reply: Reply): boolean {
    const { server } = this
    if (server.fits(awaited, reply)) return true
    if (commands.length === 1 && server.learnOdd(this.id, awaited, reply)) return true
    this.#loseBy(awaited, reply, commands)
    return false
  }

  #loseBy(awaited: Command, reply: Reply, commands: readonly Command[]): void {
    this.#lose(
      `The replies of the server are out of step: this is none to ${verbs([awaited])}`,
      reply,
      commands,
    )
  }

  /** Closes the session after mixed replies: out of order if they fit the commands, else stray. */
  #judgeMixed(commands: readonly Command[], replies: readonly Reply[]): void {
    if (isMatch(commands, replies, (command, reply) => this.server.fits(command, reply))) this.#loseOrder()
    else
      this.#lose(
        `The replies of the server are out of step: they do not fit ${verbs(commands)}`,
        replies.at(-1)!,
        commands,
      )
  }

  #loseOrder(): void {
    this.server.can.pipelining.fail()
    this.close(
      new ConnectionLostError(
        'The server does not reply in order: it gets its commands one by one from now on',
      ),
    )
  }

  #lose(what: string, reply: Reply, commands: readonly Command[]): void {
    // In a reply to STAT, a name that holds a newline can look like the end of the reply.
    if (!commands.some(({ verb }) => verb.startsWith('STAT'))) this.server.outOfStep = true
    this.#control.closeWithError(new OutOfStepError(what, new FtpReplyError(reply)))
  }

  #write(lines: readonly ByteString[]): void {
    for (const line of lines) this.log.command(this.id, line)
    this.#control.write(lines)
  }

  #timedOut(flight: Flight, milliseconds: number): void {
    const { answers, commands } = flight
    if (answers.length > 0 && answers.length < commands.length && this.#testsPipelining) {
      this.server.can.pipelining.fail()
      this.close(
        new ConnectionLostError(
          'The server does not answer pipelined commands: it gets them one by one from now on',
        ),
      )
      return
    }
    const next = commands[Math.max(answers.length, flight.kept)]
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
    // Known servers send an extra reply only after a stopped transfer.
    if (this.#lost instanceof OutOfStepError && this.server.kind === 'unknown') this.server.outOfStep = true
    this.#onLost?.(this.#lost)
    this.warm.drop()
    this.log.session(this.id, { event: 'close', reason: this.#lost.message })
    this.server.directories.delete(this.#directory)
    this.onClosed?.()
  }

  #lostBy(reason: Error): ConnectionLostError {
    if (reason instanceof ConnectionLostError) return reason
    if (this.#lost) return this.#lost
    // With TLS 1.3, a server demands a (different) client certificate only after the handshake.
    const alert = tlsReason(reason)
    return new ConnectionLostError(
      `The control connection was lost: ${alert ?? reason.message}`,
      { cause: reason },
      alert === undefined ? undefined : 'ERR_FTP_TLS',
    )
  }
}

const opensActively = ({ verb }: Command): boolean => /^(?:PORT|EPRT)\b/.test(verb)

const verbs = (commands: readonly Command[]): string =>
  commands.map(({ verb }) => verb.split(' ', 1)[0]).join(', ')

/** Splits the lines into writes of at most `maxBytes`. */
function inWrites(lines: readonly ByteString[], maxBytes: number): ByteString[][] {
  const writes: ByteString[][] = []
  let bytes = 0
  for (const line of lines) {
    bytes += line.length + 2
    if (bytes > maxBytes || writes.length === 0) {
      writes.push([])
      bytes = line.length + 2
    }
    writes.at(-1)!.push(line)
  }
  return writes
}
