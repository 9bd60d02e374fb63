import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { posix } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ByteString } from '../../lib/wire/names.js'

/** A file or folder of a scripted server. */
export interface Entry {
  content: Buffer | 'dir'
  modified: Date
  mode: number
}

/** Answers one command. It may wait: the next command of that connection is not begun before it has ended. */
export type Handler = (ctx: CommandContext) => void | Promise<void>

/** What a transfer sends: strings are byte strings. */
export type DataSource = Iterable<string | Buffer> | AsyncIterable<string | Buffer>

/** A place where a scripted server drops a connection. */
export interface Cut {
  /** The command at which it happens, e.g. `RETR`. */
  command: string
  /** At which of them, counted over all connections from 1, the default. */
  nth?: number
  /** When it has come and has had no reply (`command`, the default), after its 150, or after so many data bytes. */
  after?: 'command' | '150' | number
  /**
   * What is dropped; `both` by default. With `data` a 426 follows. With `control` the command still takes
   * effect and only its reply is lost.
   */
  what?: 'both' | 'control' | 'data'
  /** RST instead of FIN. */
  reset?: boolean
}

/** How a scripted server departs from a plain, sane one. Paths and texts are byte strings. */
export interface Script {
  /** `220 scripted` by default; several lines; or by connection, counted from 1. From code 400 on it closes, '' sends none. */
  greeting?: string | string[] | ((connection: number) => string)
  /** The FEAT lines; `none` answers 500. */
  features?: string[] | 'none'
  /** False: MLST and MLSD answer 500. */
  mlst?: boolean
  epsv?: 'ok' | 'refused'
  /** The tree by absolute path; null is a folder. Parents come by themselves, times are {@link EPOCH}. */
  files?: Record<ByteString, string | Buffer | null>
  /** Handlers by command name, before the default behaviour, which `ctx.next()` runs. */
  on?: Record<string, Handler>
  /** Control replies go in pieces of so many bytes, each in a segment of its own. */
  replySplit?: number | 'every-byte'
  /** The replies to the commands of one TCP read go in one packet (as far as no transfer needs them earlier). */
  joinReplies?: boolean
  /** Of the commands of one TCP read only the first is answered, the others are lost. */
  answersOnlyFirst?: boolean
  /** The IPv4 address in the 227 reply. */
  pasvAddress?: string
  /** The size told (SIZE, MLST, listings) instead of the real one. */
  sizeLies?: (path: ByteString, real: number) => number
  /** 226 comes right behind the 150, before any data. */
  earlyComplete?: boolean
  cut?: Cut | Cut[]
  listStyle?: 'unix' | 'iis'
}

/** The time of every entry that a script lays down: old enough for a listing to show its year. */
export const EPOCH = new Date('2020-01-02T03:04:05Z')

/** A refusal: its message is the reply. */
class Refusal extends Error {}

const lost = () => new Refusal('426 Connection closed; transfer aborted')

/** One control connection. */
class Connection {
  cwd: ByteString = '/'
  user = ''
  loggedIn = false
  restart = 0
  renameFrom: ByteString | undefined
  #rest = ''
  #held: string | undefined
  #answered = Promise.resolve()
  #written = Promise.resolve()
  #warm: Promise<Socket> | undefined
  #dropWarm = () => {}
  readonly #data = new Set<Socket | Server>()
  #dataOutlives = false

  constructor(
    readonly server: ScriptedServer,
    readonly id: number,
    readonly socket: Socket,
  ) {
    socket.setNoDelay(true)
    socket.on('data', chunk => this.#read(chunk.toString('latin1')))
    socket.on('close', () => {
      if (!this.#dataOutlives) this.drop('data')
    })
    const { greeting = '220 scripted' } = server.script
    const text = typeof greeting === 'function' ? greeting(id) : [greeting].flat().join('\r\n')
    if (text) this.reply(text)
    if (Number(text.slice(0, 3)) >= 400) void this.end()
  }

  /** Sends a reply (without its last CRLF). A 421 closes the connection, as it says. */
  reply(text: string): void {
    if (this.#held === undefined) this.#write(text + '\r\n')
    else this.#held += text + '\r\n'
    if (text.startsWith('421')) void this.end()
  }

  /** Sends what `joinReplies` has held back; resolves when every reply so far is written. */
  flush(): Promise<void> {
    if (this.#held) {
      this.#write(this.#held)
      this.#held = ''
    }
    return this.#written
  }

  /** Closes the control connection behind the last reply. */
  async end(): Promise<void> {
    await this.flush()
    await new Promise<void>(resolve => this.socket.end(resolve))
  }

  /** Drops connections at once. */
  drop(what: 'both' | 'control' | 'data', reset = false): void {
    if (what === 'control') this.#dataOutlives = true
    else this.#data.forEach(handle => close(handle, reset))
    if (what !== 'data') close(this.socket, reset)
  }

  /** Opens a passive port in place of the former one, whose unused connection is closed. */
  async listen(): Promise<number> {
    if (this.socket.destroyed) throw lost()
    this.#dropWarm()
    const listener = createServer({ allowHalfOpen: true, noDelay: true })
    this.#track(listener)
    this.#warm = new Promise((resolve, reject) => {
      listener.on('close', () => reject(lost()))
      listener.on('connection', socket => {
        this.#track(socket)
        resolve(socket)
        listener.close()
      })
    })
    this.#warm.catch(() => {})
    this.#dropWarm = () => {
      listener.close()
      this.#warm?.then(close, () => {})
    }
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
    if (this.socket.destroyed) {
      // Gone in the meantime, and with it whoever would close this port.
      listener.close()
      throw lost()
    }
    return (listener.address() as AddressInfo).port
  }

  /** The data connection of the last passive port; each is taken once. */
  async takeData(): Promise<Socket> {
    const warm = this.#warm
    this.#warm = undefined
    this.#dropWarm = () => {}
    if (!warm) throw new Refusal('425 Use EPSV or PASV first')
    return warm
  }

  #track(handle: Socket | Server): void {
    this.server.track(handle)
    this.#data.add(handle)
    handle.on('close', () => this.#data.delete(handle))
  }

  #write(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    const { replySplit } = this.server.script
    const size = replySplit === 'every-byte' ? 1 : (replySplit ?? bytes.length)
    const pieces = async () => {
      for (let i = 0; i < bytes.length && this.socket.writable; i += size) {
        // A turn of the event loop lets a client in this process read the piece before the next one comes.
        await nextTurn()
        if (this.socket.writable) this.socket.write(bytes.subarray(i, i + size))
      }
    }
    if (replySplit !== undefined) this.#written = this.#written.then(pieces)
    else if (this.socket.writable) this.socket.write(bytes)
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    if (lines.length === 0) return
    const { joinReplies, answersOnlyFirst } = this.server.script
    const contexts = this.server.received(
      this,
      lines.map(line => line.replace(/\r$/, '')),
    )
    if (answersOnlyFirst) contexts.length = 1
    this.#answered = this.#answered.then(async () => {
      if (joinReplies) this.#held = ''
      for (const ctx of contexts) if (!this.socket.destroyed) await ctx.answer()
      await this.flush()
      this.#held = undefined
    })
  }
}

/** One command, as its handler sees it. */
export class CommandContext {
  readonly argument: ByteString
  readonly #cut: Cut | undefined
  #data: Promise<Socket> | undefined
  #completed = false

  constructor(
    readonly server: ScriptedServer,
    readonly connection: Connection,
    readonly line: ByteString,
    readonly command: string,
    /** How many times this command has come to this server, this time included. */
    readonly n: number,
  ) {
    this.argument = line.slice(command.length).replace(/^ /, '')
    const cuts = [server.script.cut ?? []].flat()
    this.#cut = cuts.find(cut => cut.command === command && (cut.nth ?? 1) === n)
  }

  /** The argument as an absolute path. */
  get path(): ByteString {
    return posix.resolve('/', this.connection.cwd, this.argument)
  }

  /** The accepted data connection of the last EPSV or PASV. */
  get data(): Promise<Socket> {
    this.#data ??= this.connection.takeData().then(socket => {
      if (this.command === 'RETR') this.server.countSent(socket)
      return socket
    })
    return this.#data
  }

  reply(text: string): void {
    this.connection.reply(text)
  }

  /** The default behaviour. */
  async next(): Promise<void> {
    const act = defaults[this.command]
    if (!act) throw new Refusal(`500 ${this.command} not understood`)
    if (!this.connection.loggedIn && !withoutLogin.has(this.command)) throw new Refusal('530 Please log in')
    await act(this)
  }

  /** A whole transfer to the client: data connection, 150, the bytes (with backpressure), FIN, 226. */
  async send(source: DataSource): Promise<void> {
    const socket = await this.#begin()
    socket.resume()
    const write = async (bytes: Buffer) => {
      if (socket.destroyed) throw lost()
      if (socket.write(bytes)) return
      await this.connection.flush()
      await drained(socket)
    }
    let left = this.#bytesToCut
    if (left === 0) await this.#drop()
    for await (const chunk of source as AsyncIterable<string | Buffer>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk
      if (left > 0 && left <= bytes.length) {
        await write(bytes.subarray(0, left))
        await new Promise<void>(resolve => socket.write('', () => resolve()))
        await this.#drop()
        await write(bytes.subarray(left))
      } else await write(bytes)
      left -= bytes.length
    }
    await new Promise<void>(resolve => socket.end(() => resolve()))
    if (socket.errored) throw lost()
    this.#complete()
  }

  /** A whole transfer from the client; `store` also gets what came before a connection was lost. */
  async receive(store: (bytes: Buffer) => void): Promise<void> {
    const socket = await this.#begin()
    await this.connection.flush()
    const chunks: Buffer[] = []
    let left = this.#bytesToCut
    try {
      if (left === 0) await this.#drop()
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        chunks.push(chunk)
        if (left > 0 && left <= chunk.length) {
          chunks.push(chunks.pop()!.subarray(0, left))
          await this.#drop()
          chunks.push(chunk.subarray(left))
        }
        left -= chunk.length
      }
    } catch {
      throw lost()
    } finally {
      store(Buffer.concat(chunks))
    }
    this.#complete()
  }

  /** Runs the handler and turns what it throws into a reply. */
  async answer(): Promise<void> {
    try {
      if ((this.#cut?.after ?? 'command') === 'command') await this.#drop()
      const handler = this.server.on[this.command]
      await (handler ? handler(this) : this.next())
    } catch (error) {
      if (!(error instanceof Refusal)) this.server.failures.push(error)
      if (this.#completed) return
      this.reply(error instanceof Refusal ? error.message : '451 The handler of this test failed')
    }
  }

  get #bytesToCut(): number {
    return typeof this.#cut?.after === 'number' ? this.#cut.after : Infinity
  }

  async #begin(): Promise<Socket> {
    const socket = await this.data
    this.reply('150 Here it comes')
    if (this.server.script.earlyComplete) this.#complete()
    if (this.#cut?.after === '150') await this.#drop()
    return socket
  }

  #complete(): void {
    if (!this.#completed) this.reply('226 Transfer complete')
    this.#completed = true
  }

  /** Makes the cut, if there is one here; ends the command where its data connection is gone. */
  async #drop(): Promise<void> {
    if (!this.#cut) return
    const { what = 'both', reset = false } = this.#cut
    await this.connection.flush()
    // libuv reports a RST that it finds together with data as a plain end, so the data gets a turn to be read first.
    if (reset) for (let turns = 0; turns < 2; turns++) await nextTurn()
    this.connection.drop(what, reset)
    if (what !== 'control') throw lost()
  }
}

/** A running fake FTP server on loopback. */
export class ScriptedServer implements AsyncDisposable {
  /** Each command as it came, dropped ones too. */
  readonly commands: { connection: number; line: ByteString; time: number }[] = []
  /** The commands by the TCP read in which they came, over all connections. */
  readonly flights: ByteString[][] = []
  /** The tree by absolute path. */
  readonly files = new Map<ByteString, Entry>([['/', { content: 'dir', modified: EPOCH, mode: 0o755 }]])
  /** What handlers threw: `stop()` throws the first of it. */
  readonly failures: unknown[] = []
  /** The handlers; they may be changed while the server runs. */
  readonly on: Record<string, Handler>
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
    for (const [path, content] of Object.entries(script.files ?? {})) this.#lay(path, content)
    this.#listener.on('connection', socket => {
      this.track(socket)
      const connection = new Connection(this, ++this.connections, socket)
      this.#controls.add(connection)
      socket.on('close', () => this.#controls.delete(connection))
    })
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  get url(): string {
    return `ftp://127.0.0.1:${this.port}`
  }

  /** Control connections that are open now. */
  get openControl(): number {
    return this.#controls.size
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
    await new Promise<void>(resolve => this.#listener.listen(0, '127.0.0.1', resolve))
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
    this.flights.push(lines)
    return lines.map(line => {
      this.commands.push({ connection: connection.id, line, time: performance.now() })
      const command = /^[A-Za-z]*/.exec(line)![0].toUpperCase()
      const n = (this.#counts.get(command) ?? 0) + 1
      this.#counts.set(command, n)
      return new CommandContext(this, connection, line, command, n)
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

function close(handle: Socket | Server, reset = false): void {
  if (!('destroy' in handle)) handle.close()
  else if (reset) handle.resetAndDestroy()
  else handle.destroy()
}

function drained(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}

/** Bytes that have left the stream for the kernel. */
const handedOver = (socket: Socket) => socket.bytesWritten - socket.writableLength

// The default behaviour, command by command.

const withoutLogin = new Set(['USER', 'PASS', 'FEAT', 'SYST', 'NOOP', 'OPTS', 'QUIT'])

const stamp = (date: Date) => date.toISOString().replace(/\D/g, '').slice(0, 14)

function existing(ctx: CommandContext, path = ctx.path): Entry {
  const entry = ctx.server.files.get(path)
  if (!entry) throw new Refusal('550 No such file or directory')
  return entry
}

function existingFile(ctx: CommandContext): Buffer {
  const { content } = existing(ctx)
  if (content === 'dir') throw new Refusal('550 Not a regular file')
  return content
}

function existingDirectory(ctx: CommandContext, path = ctx.path): void {
  if (existing(ctx, path).content !== 'dir') throw new Refusal('550 Not a directory')
}

function isEmpty(ctx: CommandContext): boolean {
  return ![...ctx.server.files.keys()].some(path => path.startsWith(ctx.path + '/'))
}

function toldSize(ctx: CommandContext, path: ByteString, entry: Entry): number {
  if (entry.content === 'dir') return 4096
  return ctx.server.script.sizeLies?.(path, entry.content.length) ?? entry.content.length
}

function facts(ctx: CommandContext, path: ByteString, entry: Entry): string {
  const mode = `modify=${stamp(entry.modified)};UNIX.mode=0${entry.mode.toString(8)};`
  return entry.content === 'dir' ? `type=dir;${mode}` : `type=file;size=${toldSize(ctx, path, entry)};${mode}`
}

function unixLine(ctx: CommandContext, path: ByteString, entry: Entry): string {
  const rights = 'rwxrwxrwx'.replace(/./g, (letter, i: number) => (entry.mode & (0o400 >> i) ? letter : '-'))
  const [, day, month, year, time] = entry.modified.toUTCString().split(' ')
  const recent = Math.abs(Date.now() - entry.modified.getTime()) < 180 * 86_400_000
  const size = String(toldSize(ctx, path, entry)).padStart(12)
  const when = `${month} ${day} ${recent ? time!.slice(0, 5) : ' ' + year}`
  return `${entry.content === 'dir' ? 'd' : '-'}${rights}    1 owner    group    ${size} ${when} ${posix.basename(path)}`
}

function iisLine(ctx: CommandContext, path: ByteString, entry: Entry): string {
  const [year, month, day, hour, minute] = entry.modified.toISOString().slice(2).split(/\D/)
  const clock = `${String(Number(hour) % 12 || 12).padStart(2, '0')}:${minute}${Number(hour) < 12 ? 'AM' : 'PM'}`
  const size = entry.content === 'dir' ? '<DIR>         ' : String(toldSize(ctx, path, entry))
  return `${month}-${day}-${year}  ${clock} ${size.padStart(20)} ${posix.basename(path)}`
}

/** The entries of the folder that the argument names, or the file that it names, in lines of some form. */
function lines(
  ctx: CommandContext,
  path: ByteString,
  form: (ctx: CommandContext, path: ByteString, entry: Entry) => string,
): string[] {
  const listed =
    existing(ctx, path).content === 'dir'
      ? [...ctx.server.files].filter(([child]) => child !== '/' && posix.dirname(child) === path)
      : [[path, existing(ctx, path)] as const]
  return listed.map(([child, entry]) => form(ctx, child, entry) + '\r\n')
}

/** LIST, NLST and STAT take options in front of the path. */
const pathBehindOptions = (ctx: CommandContext) =>
  posix.resolve('/', ctx.connection.cwd, ctx.argument.replace(/^(-\S* ?)+/, ''))

const listLine = (ctx: CommandContext) => (ctx.server.script.listStyle === 'iis' ? iisLine : unixLine)

function withMlst(ctx: CommandContext): void {
  if (ctx.server.script.mlst === false) throw new Refusal(`500 ${ctx.command} not understood`)
}

async function store(ctx: CommandContext, append: boolean): Promise<void> {
  const { path, connection } = ctx
  const { files } = ctx.server
  existingDirectory(ctx, posix.dirname(path))
  const old = files.get(path) ?? { content: Buffer.alloc(0), mode: 0o644 }
  if (old.content === 'dir') throw new Refusal('550 Is a directory')
  const start = append ? old.content.length : connection.restart
  const head = Buffer.alloc(start)
  old.content.copy(head)
  const before = old.content
  connection.restart = 0
  await ctx.receive(bytes => {
    const tail = start > 0 ? before.subarray(start + bytes.length) : ''
    const content = Buffer.concat([head, bytes, Buffer.from(tail)])
    files.set(path, { content, modified: new Date(), mode: old.mode })
  })
}

function* pieces(content: Buffer): Generator<Buffer> {
  for (let i = 0; i < content.length; i += 65_536) yield content.subarray(i, i + 65_536)
}

const defaults: Record<string, Handler> = {
  USER(ctx) {
    ctx.connection.user = ctx.argument
    ctx.connection.loggedIn = false
    ctx.reply('331 Password please')
  },
  PASS(ctx) {
    if (!ctx.connection.user) throw new Refusal('503 USER first')
    ctx.connection.loggedIn = true
    ctx.reply('230 Logged in')
  },
  FEAT(ctx) {
    const { features, mlst, epsv } = ctx.server.script
    if (features === 'none') throw new Refusal('500 FEAT not understood')
    const usual = ['MDTM', 'MFMT', 'REST STREAM', 'SIZE', 'TVFS', 'UTF8']
    if (mlst !== false) usual.push('MLST type*;size*;modify*;UNIX.mode*;')
    if (epsv !== 'refused') usual.push('EPSV')
    const told = (features ?? usual).map(line => ` ${line}\r\n`).join('')
    ctx.reply(told ? `211-Features:\r\n${told}211 End` : '211 No features')
  },
  SYST: ctx => ctx.reply(ctx.server.script.listStyle === 'iis' ? '215 Windows_NT' : '215 UNIX Type: L8'),
  NOOP: ctx => ctx.reply('200 Zzz'),
  OPTS: ctx => ctx.reply(/^(UTF-?8 ON|MLST\b)/i.test(ctx.argument) ? '200 Done' : '501 No such option'),
  TYPE: ctx => ctx.reply(/^(I|A( N)?|L 8)$/i.test(ctx.argument) ? '200 Type set' : '504 No such type'),
  ABOR: ctx => ctx.reply('226 Nothing to abort'),
  QUIT(ctx) {
    ctx.reply('221 Bye')
    return ctx.connection.end()
  },
  PWD: ctx => ctx.reply(`257 "${ctx.connection.cwd.replaceAll('"', '""')}" is the current directory`),
  CWD(ctx) {
    existingDirectory(ctx)
    ctx.connection.cwd = ctx.path
    ctx.reply('250 Directory changed')
  },
  SIZE(ctx) {
    existingFile(ctx)
    ctx.reply(`213 ${toldSize(ctx, ctx.path, existing(ctx))}`)
  },
  MDTM(ctx) {
    existingFile(ctx)
    ctx.reply(`213 ${stamp(existing(ctx).modified)}`)
  },
  MLST(ctx) {
    withMlst(ctx)
    ctx.reply(`250-Listing\r\n ${facts(ctx, ctx.path, existing(ctx))} ${ctx.path}\r\n250 End`)
  },
  MLSD(ctx) {
    withMlst(ctx)
    existingDirectory(ctx)
    return ctx.send(
      lines(ctx, ctx.path, (_, path, entry) => `${facts(ctx, path, entry)} ${posix.basename(path)}`),
    )
  },
  LIST: ctx => ctx.send(lines(ctx, pathBehindOptions(ctx), listLine(ctx))),
  NLST: ctx => ctx.send(lines(ctx, pathBehindOptions(ctx), (_, path) => posix.basename(path))),
  STAT(ctx) {
    if (!ctx.argument) return ctx.reply('211 All is well')
    ctx.reply(`213-Status:\r\n${lines(ctx, pathBehindOptions(ctx), listLine(ctx)).join('')}213 End`)
  },
  async EPSV(ctx) {
    if (ctx.server.script.epsv === 'refused') throw new Refusal('500 EPSV not understood')
    ctx.reply(`229 Entering Extended Passive Mode (|||${await ctx.connection.listen()}|)`)
  },
  async PASV(ctx) {
    const port = await ctx.connection.listen()
    const address = (ctx.server.script.pasvAddress ?? '127.0.0.1').replaceAll('.', ',')
    ctx.reply(`227 Entering Passive Mode (${address},${port >> 8},${port & 255})`)
  },
  REST(ctx) {
    if (!/^\d+$/.test(ctx.argument)) throw new Refusal('501 No such offset')
    ctx.connection.restart = Number(ctx.argument)
    ctx.reply(`350 Restarting at ${ctx.argument}`)
  },
  RETR(ctx) {
    const start = ctx.connection.restart
    ctx.connection.restart = 0
    const content = existingFile(ctx)
    if (start > content.length) throw new Refusal('554 Past the end')
    return ctx.send(pieces(content.subarray(start)))
  },
  STOR: ctx => store(ctx, false),
  APPE: ctx => store(ctx, true),
  DELE(ctx) {
    if (existing(ctx).content === 'dir') throw new Refusal('550 Is a directory')
    ctx.server.files.delete(ctx.path)
    ctx.reply('250 Deleted')
  },
  MKD(ctx) {
    existingDirectory(ctx, posix.dirname(ctx.path))
    if (ctx.server.files.has(ctx.path)) throw new Refusal('550 File exists')
    ctx.server.files.set(ctx.path, { content: 'dir', modified: new Date(), mode: 0o755 })
    ctx.reply(`257 "${ctx.path.replaceAll('"', '""')}" created`)
  },
  RMD(ctx) {
    existingDirectory(ctx)
    if (ctx.path === '/' || !isEmpty(ctx)) throw new Refusal('550 Directory not empty')
    ctx.server.files.delete(ctx.path)
    ctx.reply('250 Removed')
  },
  RNFR(ctx) {
    existing(ctx)
    ctx.connection.renameFrom = ctx.path
    ctx.reply('350 To what?')
  },
  RNTO(ctx) {
    const { files } = ctx.server
    const { path: to, connection } = ctx
    const from = connection.renameFrom
    connection.renameFrom = undefined
    if (from === undefined || !files.has(from)) throw new Refusal('503 RNFR first')
    existingDirectory(ctx, posix.dirname(to))
    if (to.startsWith(from + '/')) throw new Refusal('550 Invalid argument')
    const isDir = (path: ByteString) => files.get(path)?.content === 'dir'
    if (isDir(to) && to !== from && !isEmpty(ctx)) throw new Refusal('550 Directory not empty')
    if (files.has(to) && isDir(to) !== isDir(from)) throw new Refusal('550 Is one a directory?')
    for (const [path, entry] of [...files]) {
      if (path !== from && !path.startsWith(from + '/')) continue
      files.delete(path)
      files.set(to + path.slice(from.length), entry)
    }
    ctx.reply('250 Renamed')
  },
  MFMT(ctx) {
    const [, time, path] = /^(\d{14}) (.*)$/s.exec(ctx.argument) ?? []
    if (time === undefined || path === undefined) throw new Refusal('501 MFMT time path')
    const entry = existing(ctx, posix.resolve('/', ctx.connection.cwd, path))
    entry.modified = new Date(time.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z'))
    ctx.reply(`213 Modify=${time}; ${path}`)
  },
  SITE(ctx) {
    const [, mode, path] = /^CHMOD ([0-7]{3,4}) (.*)$/is.exec(ctx.argument) ?? []
    if (mode === undefined || path === undefined) throw new Refusal('504 No such SITE command')
    existing(ctx, posix.resolve('/', ctx.connection.cwd, path)).mode = parseInt(mode, 8)
    ctx.reply('200 Mode changed')
  },
}
