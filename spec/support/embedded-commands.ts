import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket, type SecureContext } from 'node:tls'
import { lsLine } from './ls-line.js'
import { PassivePort } from './passive-port.js'
import type { MemfsFileSystem } from './memfs-file-system.js'
import type { ByteString } from '../../lib/wire/names/names.js'

/** What of ftp-srv's connection is used here; its arguments and texts are byte strings (`encoding` is latin1). */
export interface Session {
  commandSocket: Socket
  readonly commands: { parse(line: ByteString): Command; handle(line: ByteString): PromiseLike<unknown> }
  readonly fs: MemfsFileSystem
  readonly server: {
    readonly secureContext: SecureContext | undefined
    readonly passivePorts: readonly number[] | undefined
    onSocket(socket: Socket): void
    onSecure(session: Session): void
  }
  /** Data connections speak TLS. */
  secure: boolean
  connector: {
    /** False when neither EPSV, PASV, EPRT nor PORT came before. */
    readonly type: string | false
    readonly socket?: Socket | undefined
    waitForConnection(): PromiseLike<Socket>
    end(): void
  }
  encoding: string
  restByteCount: number | undefined
  username: string | undefined
  reply(code: number, ...letters: unknown[]): PromiseLike<unknown>
}

export interface Command {
  directive: string
  arg: ByteString | null
  flags: string[]
  raw: ByteString
}

interface Registration {
  directive: string[]
  handler(this: Session, call: { command: Command }): unknown
  syntax: string
  description: string
  flags?: { feat?: string; no_auth?: boolean }
}

type Handler = (session: Session, arg: ByteString) => unknown

/** ftp-srv's own table of commands: a plain object, shared by every server of the process. */
const registry = createRequire(import.meta.url)('ftp-srv/src/commands/registry') as Record<
  string,
  Registration
>

export function correctCommands(): void {
  for (const [name, handler] of Object.entries(withPath)) register(name, handler, true)
  for (const [name, handler] of Object.entries(withoutPath)) register(name, handler, false)
}

const transfers = ['RETR', 'STOR', 'APPE', 'LIST', 'NLST']

/** FEAT of ftp-srv 4.6.3 leaves these out. */
const features = { EPSV: 'EPSV', MDTM: 'MDTM', MFMT: 'MFMT', REST: 'REST STREAM', SIZE: 'SIZE' }

const withPath: Record<string, Handler> = {
  // ftp-srv 4.6.3 removes files and folders with either command.
  DELE: (session, path) => (session.fs.unlink(path), session.reply(250)),
  RMD: (session, path) => (session.fs.rmdir(path), session.reply(250)),

  // ftp-srv 4.6.3 answers for folders too, "File status" for the size 0, and milliseconds.
  SIZE: (session, path) => session.reply(213, String(session.fs.file(path).size)),
  MDTM: (session, path) => session.reply(213, timeVal(session.fs.file(path).mtime)),

  // Not in ftp-srv 4.6.3 (draft-somers-ftp-mfxx, section 3).
  MFMT: (session, arg) => {
    const [, time, path] = /^(\d{14})(?:\.\d+)? (.+)$/s.exec(arg) ?? []
    const mtime = new Date(time?.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z') ?? NaN)
    if (!path || isNaN(mtime.getTime())) return session.reply(501)
    session.fs.utimes(path, mtime)
    return session.reply(213, `Modify=${time}; ${path}`)
  },

  // ftp-srv 4.6.3 says 500 without a reason. SYMLINK is that of ProFTPD's mod_site_misc, which takes words for paths.
  SITE: (session, arg) => {
    const [, target, link] = /^SYMLINK (\S+) (\S+)/is.exec(arg) ?? []
    if (target && link) {
      session.fs.symlink(target, link)
      return session.reply(200)
    }
    const [, mode, path] = /^CHMOD ([0-7]{3,4}) (.+)$/is.exec(arg) ?? []
    if (!mode || !path) return session.reply(504)
    session.fs.chmod(path, parseInt(mode, 8))
    return session.reply(200)
  },

  // ftp-srv 4.6.3 opens the file behind the data connection, says 551 and hangs when the client ends it.
  RETR: (session, path) => {
    const source = session.fs.read(path, session.restByteCount)
    return transfer(session, socket => send(source, socket))
  },

  // ftp-srv 4.6.3 empties the file before REST's offset.
  STOR: (session, path) => receive(session, session.fs.write(path, { start: session.restByteCount })),
  APPE: (session, path) => receive(session, session.fs.write(path, { append: true })),
}

/** What TLS adds to FEAT. */
const tlsFeatures = ['AUTH TLS', 'PBSZ', 'PROT']

const withoutPath: Record<string, Handler> = {
  // ftp-srv 4.6.3 follows links and answers for a missing folder when the data connection is there.
  LIST: (session, arg) => list(session, arg, entry => lsLine(entry)),
  NLST: (session, arg) => list(session, arg, entry => entry.name),

  // ftp-srv 4.6.3 shows what a link leads to.
  STAT: (session, path) => {
    if (path === '') return session.reply(211, 'Status OK')
    const lines = session.fs.list(path).map(entry => ({ raw: true, message: lsLine(entry) }))
    return session.reply(213, 'Status begin', ...lines, 'Status end')
  },

  EPSV: async (session, arg) => {
    if (/^ALL$/i.test(arg)) return session.reply(200)
    const { port } = await openPort(session)
    return session.reply(229, `Entering Extended Passive Mode (|||${port}|)`)
  },
  PASV: async session => {
    const { address, port } = await openPort(session)
    const numbers = [...address.split('.'), port >> 8, port & 255]
    return session.reply(227, `Entering Passive Mode (${numbers.join(',')})`)
  },

  // The transfer was stopped when the line came in; ftp-srv 4.6.3 waits for its end.
  ABOR: session => session.reply(226, 'ABOR successful'),

  // Names are bytes here, in whatever encoding: ftp-srv 4.6.3 says UTF8.
  FEAT: session => {
    const offered = [...Object.values(features), ...(session.server.secureContext ? tlsFeatures : [])]
    const lines = offered.map(feature => ({ raw: true, message: ` ${feature}` }))
    return session.reply(211, 'Extensions supported', ...lines, 'End')
  },

  // Texts are bytes here: ftp-srv 4.6.3 would set its own encoding of them.
  OPTS: (session, arg) => session.reply(/^UTF-?8 ON$/i.test(arg) ? 200 : 501),

  // ftp-srv 4.6.3 takes PROT P for granted, knows no PROT C, and makes a context for each connection, so that no
  // session can be resumed.
  AUTH: async (session, arg) => {
    const { secureContext } = session.server
    if (!secureContext) return session.reply(502)
    if (isSecure(session)) return session.reply(503)
    if (!/^TLS$/i.test(arg)) return session.reply(504)
    // Nothing is read from here on: the next bytes belong to the handshake.
    const tcp = session.commandSocket.removeAllListeners('data').pause()
    await session.reply(234)
    session.commandSocket = new TLSSocket(tcp, { isServer: true, secureContext })
    session.commandSocket.on('error', () => {})
    session.server.onSecure(session)
  },
  PBSZ: (session, arg) => {
    if (!session.server.secureContext) return session.reply(502)
    return session.reply(!isSecure(session) ? 503 : arg === '0' ? 200 : 501)
  },
  PROT: (session, arg) => {
    if (!session.server.secureContext) return session.reply(502)
    if (!isSecure(session)) return session.reply(503)
    if (!/^[PC]$/i.test(arg)) return session.reply(/^[SE]$/i.test(arg) ? 536 : 504)
    session.secure = /^P$/i.test(arg)
    return session.reply(200)
  },
}

const isSecure = ({ commandSocket }: Session) => commandSocket instanceof TLSSocket

function register(name: string, run: Handler, needsArgument: boolean): void {
  registry[name] = {
    ...registry[name],
    directive: [name],
    syntax: `{{cmd}}${needsArgument ? ' <path>' : ''}`,
    description: name,
    async handler({ command: { arg } }) {
      if (arg === null && needsArgument) return this.reply(501)
      if (transfers.includes(name) && !this.connector.type) return this.reply(425)
      try {
        await run(this, arg ?? '')
      } catch (error) {
        await this.reply(550, (error as Error).message)
      } finally {
        if (transfers.includes(name)) this.restByteCount = 0
      }
    },
  }
  if (name === 'RMD') registry.XRMD = registry.RMD!
}

async function openPort(session: Session): Promise<{ address: string; port: number }> {
  session.connector.end()
  const { server, secure } = session
  const onSocket = (socket: Socket) => server.onSocket(socket)
  const context = secure ? server.secureContext : undefined
  const port = await PassivePort.open(
    session.commandSocket.localAddress!,
    onSocket,
    context,
    server.passivePorts,
  )
  session.connector = port
  return port.address
}

function list(
  session: Session,
  arg: ByteString,
  line: (entry: ReturnType<MemfsFileSystem['get']>) => ByteString,
) {
  const path = arg.replace(/^(-\S*( +|$))+/, '') || '.'
  const lines = session.fs.list(path).map(entry => `${line(entry)}\r\n`)
  return transfer(session, socket => send([Buffer.from(lines.join(''), 'latin1')], socket))
}

async function send(source: Iterable<Buffer>, socket: Socket): Promise<void> {
  socket.resume()
  await pipeline(Readable.from(source, { objectMode: false }), socket)
}

async function receive(session: Session, sink: ReturnType<MemfsFileSystem['write']>): Promise<void> {
  try {
    await transfer(session, async socket => {
      for await (const chunk of socket) sink.write(chunk as Buffer)
    })
  } finally {
    sink.close()
  }
}

async function transfer(session: Session, work: (socket: Socket) => Promise<void>): Promise<void> {
  const { connector } = session
  try {
    const socket = await connector.waitForConnection().then(undefined, () => undefined)
    if (!socket) return void (await session.reply(425))
    await session.reply(150)
    const done = await work(socket).then(
      () => true,
      () => false,
    )
    await session.reply(done ? 226 : 426)
  } finally {
    connector.end()
  }
}

function timeVal(time: Date): string {
  return time.toISOString().replace(/\D/g, '').slice(0, 14)
}
