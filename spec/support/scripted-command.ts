import type { Socket } from 'node:net'
import { posix } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ByteString } from '../../lib/wire/names/names.js'
import { lost, Refusal, type Cut, type DataSource } from './script.js'
import type { Connection } from './scripted-connection.js'
import { defaults, withoutLogin } from './scripted-defaults.js'
import type { ScriptedServer } from './scripted-server.js'

/** One command, as its handler sees it. */
export class CommandContext {
  readonly argument: ByteString
  readonly #cut: Cut | undefined
  #data: Promise<Socket> | undefined
  #secureData: Promise<Socket> | undefined
  #completed = false

  constructor(
    readonly server: ScriptedServer,
    readonly connection: Connection,
    readonly line: ByteString,
    readonly command: string,
    /** How many times this command has come to this server, this time included. */
    readonly n: number,
    /** No other command has come in the same TCP read. */
    readonly alone: boolean,
  ) {
    this.argument = line.slice(command.length).replace(/^ /, '')
    const cuts = [server.script.cut ?? []].flat()
    this.#cut = cuts.find(cut => cut.command === command && (cut.nth ?? 1) === n)
  }

  /** The argument as an absolute path. */
  get path(): ByteString {
    return posix.resolve('/', this.connection.cwd, this.argument)
  }

  /** The data connection of the last EPSV, PASV, EPRT or PORT, without TLS. */
  get data(): Promise<Socket> {
    const { data } = this.connection
    this.#data ??= data.take().then(socket => {
      if (this.command === 'RETR' && !data.isProtected) this.server.countSent(socket)
      return socket
    })
    return this.#data
  }

  /** The data connection, behind the TLS of PROT P when its handshake has ended. */
  get secureData(): Promise<Socket> {
    const { data } = this.connection
    if (!data.isProtected) return this.data
    this.#secureData ??= this.data.then(async tcp => {
      const socket = await data.secure(tcp)
      if (this.command === 'RETR') this.server.countSent(socket)
      return socket
    })
    return this.#secureData
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
    await this.#endOf(socket)
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
    await (this.server.script.tls?.handshakeAfter === 'connect' ? this.secureData : this.data)
    this.reply('150 Here it comes')
    if (this.server.script.earlyComplete) this.#complete()
    if (this.#cut?.after === '150') await this.#drop()
    if (this.connection.data.isProtected) await this.connection.flush()
    return this.secureData
  }

  async #endOf(socket: Socket): Promise<void> {
    const tcp = await this.data
    if (socket !== tcp && this.server.script.tls?.noCloseNotify) {
      await new Promise<void>(resolve => socket.write('', () => resolve()))
      await new Promise<void>(resolve => tcp.end(() => resolve()))
    } else await new Promise<void>(resolve => socket.end(() => resolve()))
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

function drained(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}
