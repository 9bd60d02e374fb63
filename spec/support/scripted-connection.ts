import type { Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { ByteString } from '../../lib/wire/names/names.js'
import { close, DataConnections } from './scripted-data.js'
import { handshakeOf } from './scripted-tls.js'
import type { ScriptedServer } from './scripted-server.js'

/** One control connection. */
export class Connection {
  cwd: ByteString = '/'
  user = ''
  loggedIn = false
  restart = 0
  renameFrom: ByteString | undefined
  /** Whether TLS has begun. */
  isSecure = false
  readonly data: DataConnections
  /** What is spoken on: the socket, or the TLS on it. */
  #stream: Socket
  #rest = ''
  #held: string | undefined
  #answered = Promise.resolve()
  #written = Promise.resolve()
  #dataOutlives = false

  constructor(
    readonly server: ScriptedServer,
    readonly id: number,
    readonly socket: Socket,
  ) {
    this.data = new DataConnections(server, socket)
    this.#stream = socket.setNoDelay(true)
    socket.on('close', () => {
      if (!this.#dataOutlives) this.drop('data')
    })
    if (server.script.tls?.mode === 'implicit') this.#secure()
    else this.#listen()
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
    await new Promise<void>(resolve => this.#stream.end(resolve))
  }

  /** Drops connections at once. */
  drop(what: 'both' | 'control' | 'data', reset = false): void {
    if (what === 'control') this.#dataOutlives = true
    else this.data.drop(reset)
    if (what !== 'data') close(this.socket, reset)
  }

  /** Sends a last reply in plaintext, together with what a script injects behind it, and begins TLS. */
  async beginTls(reply: string): Promise<void> {
    // Nothing is read from here on: the next bytes belong to the handshake.
    this.socket.removeAllListeners('data').pause()
    const { injected } = this.server.script.tls!
    this.reply(injected === undefined ? reply : `${reply}\r\n${injected.replace(/\r\n$/, '')}`)
    await this.flush()
    if (!this.socket.destroyed) this.#secure()
  }

  #secure(): void {
    const stream = this.server.tls!.wrap(this.socket, 'control')
    stream.on('secure', () => this.server.handshakes.push(handshakeOf(stream, 'control')))
    this.#stream = stream
    this.isSecure = true
    this.#rest = ''
    this.#listen()
  }

  #listen(): void {
    this.#stream.on('data', chunk => this.#read(chunk.toString('latin1')))
  }

  #write(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    const { replySplit } = this.server.script
    const stream = this.#stream
    const size = replySplit === 'every-byte' ? 1 : (replySplit ?? bytes.length)
    const pieces = async () => {
      for (let i = 0; i < bytes.length && stream.writable; i += size) {
        // A turn of the event loop lets a client in this process read the piece before the next one comes.
        await nextTurn()
        if (stream.writable) stream.write(bytes.subarray(i, i + size))
      }
    }
    if (replySplit !== undefined) this.#written = this.#written.then(pieces)
    else if (stream.writable) stream.write(bytes)
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    if (lines.length === 0) return
    const { joinReplies, answersOnlyFirst, pause } = this.server.script
    const contexts = this.server.received(
      this,
      lines.map(line => line.replace(/\r$/, '')),
    )
    if (answersOnlyFirst) contexts.length = 1
    this.#answered = this.#answered.then(async () => {
      if (joinReplies) this.#held = ''
      for (const [nth, ctx] of contexts.entries()) {
        if (pause) await sleep(pause(nth))
        if (!this.socket.destroyed) await ctx.answer()
      }
      await this.flush()
      this.#held = undefined
    })
  }
}
