import type { EventEmitter } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { FtpSrv, type FtpServerOptions } from 'ftp-srv'
import { createFsFromVolume, Volume, type IFs } from 'memfs'
import { correctCommands, type Command, type Session } from './embedded-commands.js'
import { lsLine } from './ls-line.js'
import { MemfsFileSystem, type Entry } from './memfs-file-system.js'
import { encodeName, type ByteString } from '../../lib/wire/names/names.js'

export interface EmbeddedServerOptions {
  /** The files to serve; a new volume by default. */
  volume?: Volume
  /** Default `user`. `anonymous` is let in with any password. */
  user?: string
  /** Default `password`. */
  password?: string
  /** Control connections at the same time; one more is answered with 421. Default: no limit. */
  maxConnections?: number
  /** Address to listen on. Default `127.0.0.1`. */
  host?: string
  /** The only ports of passive data connections. Default: any that is free. */
  passivePorts?: readonly number[]
  /** The login directory. Default `/`. */
  home?: string
  /**
   * Replies go out at once; else Nagle's algorithm holds the second reply to a write back, as in
   * ftp-srv as it is. Default: true.
   */
  noDelay?: boolean
  /** PEM; AUTH TLS is then offered, and not demanded. Data handshakes come before the 150. Default: no TLS. */
  tls?: { cert: string; key: string }
}

export interface EmbeddedServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** `ftp://user:password@host:port`, without a path. */
  readonly url: string
  readonly volume: Volume
  readonly fs: IFs
  /** Control connections open now. */
  readonly sessions: number
  /** Cuts every connection and closes the port. */
  stop(): Promise<void>
}

/** An FTP server in this process: ftp-srv 4.6.3 over memfs, with its faults corrected from outside. */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const { volume = new Volume(), user = 'user', password = 'password' } = options
  const { maxConnections = Infinity, host = '127.0.0.1', home = '/' } = options
  const hostInUrl = host.includes(':') ? `[${host}]` : host
  volume.mkdirSync(home, { recursive: true })
  correctCommands()
  const server = new CorrectedFtpSrv({ url: `ftp://${hostInUrl}:0` }, maxConnections, options)
  server.on('login', ({ connection, username, password: given }, resolve, reject) => {
    const known = username === encodeName(user) && (user === 'anonymous' || given === encodeName(password))
    if (known) return resolve({ fs: new MemfsFileSystem(volume, encodeName(home)) as never })
    // ftp-srv 4.6.3 refuses a second USER.
    ;(connection as unknown as Session).username = undefined
    reject(new Error('Login incorrect'))
  })
  await server.listen()
  const { port } = server.server.address() as AddressInfo
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= server.stop())
  return {
    host,
    port,
    user,
    password,
    url: `ftp://${credentials}@${hostInUrl}:${port}`,
    volume,
    fs: createFsFromVolume(volume),
    get sessions() {
      return Object.keys(server.connections).length
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

class CorrectedFtpSrv extends FtpSrv {
  declare readonly server: Server
  declare readonly connections: Record<string, Session>
  readonly #sockets = new Set<Socket>()

  readonly secureContext: SecureContext | undefined

  readonly passivePorts: readonly number[] | undefined

  constructor(
    options: FtpServerOptions,
    maxConnections: number,
    { tls, passivePorts, noDelay = true }: EmbeddedServerOptions,
  ) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const
    const listeners = signals.map(signal => process.listeners(signal))
    super({
      ...options,
      ...(tls ? { tls } : {}),
      log: silent,
      file_format: ((entry: Entry) => lsLine(entry)) as never,
    })
    this.secureContext = tls && createSecureContext(tls)
    this.passivePorts = passivePorts
    // ftp-srv 4.6.3 ends the process at a signal.
    signals.forEach((signal, index) => {
      const added = process.listeners(signal).filter(listener => !listeners[index]!.includes(listener))
      for (const listener of added) process.off(signal, listener)
    })
    ;(this as EventEmitter).on('connect', ({ connection }: { connection: Session }) => {
      this.onSocket(connection.commandSocket.setNoDelay(noDelay))
      if (Object.keys(this.connections).length > maxConnections) turnAway(connection)
      else readLines(connection)
    })
  }

  onSocket(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  onSecure(session: Session): void {
    readLines(session)
  }

  // ftp-srv 4.6.3 leaves a timer of one second behind each session.
  override async disconnectClient(id: string): Promise<void> {
    delete this.connections[id]
  }

  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

function turnAway(session: Session): void {
  session.reply = () => Promise.resolve()
  session.commandSocket.end('421 Too many connections\r\n')
}

/**
 * Commands as bytes, line by line, one after another: ftp-srv 4.6.3 takes each chunk of TCP for whole commands, runs chunks side by
 * side, and drops quotes and words like `-x` from arguments.
 */
function readLines(session: Session): void {
  let rest = ''
  let waiting = 0
  let last = Promise.resolve()
  session.encoding = 'latin1'
  session.commands.parse = parseCommand
  const run = async (line: ByteString) => {
    if (!session.commandSocket.destroyed) {
      await Promise.resolve(session.commands.handle(line)).catch(() => session.reply(501))
    }
    waiting -= 1
  }
  session.commandSocket.removeAllListeners('data').on('data', chunk => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n')
    rest = lines.pop()!
    for (const line of lines) {
      // The one command that is heard during a transfer (RFC 959, section 4.1.3).
      if (waiting > 0 && /^ABOR$/i.test(line)) session.connector.socket?.destroy()
      waiting += 1
      last = last.then(() => run(line))
    }
  })
}

function parseCommand(line: ByteString): Command {
  const [, directive = '', arg = ''] = /^(\S*) ?(.*)$/s.exec(line)!
  return { directive: directive.toUpperCase(), arg: arg || null, flags: [], raw: line }
}

/** ftp-srv logs with bunyan; this is as much of it as it uses. */
const silent = { child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
