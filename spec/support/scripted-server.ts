import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net'
import { posix } from 'node:path'
import type { ByteString } from '../../lib/wire/names/names.js'
import { EPOCH, type Entry, type Handler, type Script } from './script.js'
import { CommandContext } from './scripted-command.js'
import { Connection } from './scripted-connection.js'
import { close } from './scripted-data.js'
import { ScriptedTls, type Handshake } from './scripted-tls.js'

export { CommandContext, EPOCH }
export type { Cut, DataSource, Entry, Handler, Script, ScriptTls } from './script.js'
export type { Handshake }

/** A running fake FTP server on loopback. */
export class ScriptedServer implements AsyncDisposable {
  /** Each command as it came, dropped ones too; `secure`: by TLS. */
  readonly commands: { connection: number; line: ByteString; time: number; secure: boolean }[] = []
  /**
   * The commands by the TCP read in which they came, over all connections, without the SYST behind
   * others that tells where their replies end (lib/wire/session/fence.ts).
   */
  readonly flights: ByteString[][] = []
  /** The tree by absolute path. */
  readonly files = new Map<ByteString, Entry>([['/', { content: 'dir', modified: EPOCH, mode: 0o755 }]])
  /** What handlers threw: `stop()` throws the first of it. */
  readonly failures: unknown[] = []
  /** The handlers; they may be changed while the server runs. */
  readonly on: Record<string, Handler>
  /** TLS handshakes that have succeeded. */
  readonly handshakes: Handshake[] = []
  /** The server's side of TLS; with `script.tls`. */
  readonly tls: ScriptedTls | undefined
  /** Control connections ever opened. */
  connections = 0
  readonly #controls = new Set<Connection>()
  readonly #handles = new Set<Socket | Server>()
  readonly #counts = new Map<string, number>()
  readonly #sending = new Set<Socket>()
  readonly #listener = createServer()
  #sent = 0

  constructor(readonly script: Script) {
    this.on = { ...script.on }
    this.tls = script.tls && new ScriptedTls(script.tls)
    for (const [path, content] of Object.entries(script.files ?? {})) this.#lay(path, content)
    this.#listener.on('connection', socket => {
      this.track(socket)
      const connection = new Connection(this, ++this.connections, socket)
      this.#controls.add(connection)
      socket.on('close', () => this.#controls.delete(connection))
    })
  }

  get host(): string {
    return this.script.host ?? '127.0.0.1'
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  get url(): string {
    return `ftp://${isIPv6(this.host) ? `[${this.host}]` : this.host}:${this.port}`
  }

  /** Control connections that are open now. */
  get openControl(): number {
    return this.#controls.size
  }

  /** Sockets and ports that are open now, its own port among them. */
  get openHandles(): number {
    return this.#handles.size
  }

  /** Bytes that RETR has handed to the network. */
  get bytesSent(): number {
    return [...this.#sending].reduce((sum, socket) => sum + handedOver(socket), this.#sent)
  }

  /** Says 421 on every open control connection and closes it; resolves when the FINs are out. */
  async say421(text = '421 Timeout'): Promise<void> {
    await Promise.all(
      [...this.#controls].map(connection => {
        connection.reply(text)
        return connection.end()
      }),
    )
  }

  /** Closes every connection and port. Throws what a handler threw. */
  async stop(): Promise<void> {
    const closed = [...this.#handles].map(
      handle => new Promise<unknown>(resolve => handle.once('close', resolve)),
    )
    for (const handle of this.#handles) close(handle)
    await Promise.all(closed)
    if (this.failures.length) throw this.failures[0]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async start(): Promise<this> {
    this.track(this.#listener)
    await new Promise<void>(resolve => this.#listener.listen(0, this.host, resolve))
    return this
  }

  /** Keeps a socket or port for stop(), and an error on it from ending the process. */
  track(handle: Socket | Server): void {
    this.#handles.add(handle)
    handle.on('error', () => {})
    handle.on('close', () => this.#handles.delete(handle))
  }

  /** Counts what is sent on a data connection into `bytesSent`. */
  countSent(socket: Socket): void {
    if (socket.destroyed) return
    this.#sending.add(socket)
    socket.on('close', () => {
      this.#sending.delete(socket)
      this.#sent += handedOver(socket)
    })
  }

  /** Records the commands of one read. */
  received(connection: Connection, lines: ByteString[]): CommandContext[] {
    this.flights.push(lines.length > 1 && lines.at(-1) === 'SYST' ? lines.slice(0, -1) : lines)
    return lines.map(line => {
      this.commands.push({
        connection: connection.id,
        line,
        time: performance.now(),
        secure: connection.isSecure,
      })
      const command = /^[A-Za-z]*/.exec(line)![0].toUpperCase()
      const n = (this.#counts.get(command) ?? 0) + 1
      this.#counts.set(command, n)
      return new CommandContext(this, connection, line, command, n, lines.length === 1)
    })
  }

  #lay(path: ByteString, content: string | Buffer | null): void {
    for (let up = posix.dirname(path); !this.files.has(up); up = posix.dirname(up)) this.#lay(up, null)
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : (content ?? 'dir')
    this.files.set(path, { content: bytes, modified: EPOCH, mode: content === null ? 0o755 : 0o644 })
  }
}

/** Starts a fake FTP server that does what real ones seldom do. Any user and password are let in. */
export function startScriptedServer(script: Script = {}): Promise<ScriptedServer> {
  return new ScriptedServer(script).start()
}

/** Bytes that have left the stream for the kernel. */
const handedOver = (socket: Socket) => socket.bytesWritten - socket.writableLength
