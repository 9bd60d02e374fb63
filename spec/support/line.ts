import { connect, type Socket } from 'node:net'
import type { Way } from './faults.js'

/**
 * A connection through a proxy: the client's half and the server's half, which nothing joins by
 * itself.
 */
export class Line {
  /** Resolves when both halves have closed. */
  readonly closed: Promise<unknown>
  /** Both sides have been told the end: what still comes is not forwarded. */
  #ended = false
  #silent = false
  #stalled: Promise<void> | undefined
  #resume: () => void = () => {}
  #timer: NodeJS.Timeout | undefined

  private constructor(
    readonly client: Socket,
    readonly server: Socket,
  ) {
    this.closed = Promise.all(
      [client, server].map(
        socket => new Promise(resolve => socket.on('error', () => {}).once('close', resolve)),
      ),
    )
    void this.closed.then(() => this.#go())
  }

  /** Goes on from a client, accepted half open, to a port of the server. */
  static to(port: number, client: Socket): Line {
    return new Line(client, connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }))
  }

  /** It has been cut, or is to be. */
  get lost(): boolean {
    return this.#ended || this.#silent
  }

  /** The client has ended it, whatever the server does. */
  get left(): boolean {
    return this.client.destroyed || this.client.readableEnded
  }

  /** From which half to which one bytes go. */
  halves(way: Way): { from: Socket; to: Socket } {
    const { client, server } = this
    return way === 'up' ? { from: client, to: server } : { from: server, to: client }
  }

  /**
   * What comes from one half, until its FIN; the other half then ends. An error of one resets both.
   */
  async forward(
    from: Socket,
    each: (chunk: Buffer) => Promise<void>,
    end: () => Promise<void>,
  ): Promise<void> {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) await each(chunk as Buffer)
      await this.#stalled
      if (!this.#silent) await end()
    } catch {
      if (!this.#ended) this.cut('reset')
    }
  }

  forwardAll(from: Socket, to: Socket): void {
    void this.forward(
      from,
      chunk => this.send(to, chunk),
      async () => void to.end(),
    )
  }

  /** Resolves when the system has taken the bytes. */
  async send(to: Socket, bytes: Buffer): Promise<void> {
    if (this.#stalled) await this.#stalled
    if (bytes.length === 0 || this.lost) return
    await new Promise<void>((resolve, reject) => {
      to.write(bytes, error => (error ? reject(error) : resolve()))
    })
  }

  /** Forwards nothing for so many milliseconds, and then all of it. */
  stall(time: number): void {
    if (this.lost || this.#stalled) return
    this.#stalled = new Promise(resolve => (this.#resume = resolve))
    this.#timer = setTimeout(() => this.#go(), time)
  }

  /** Forwards nothing any more, neither bytes nor FIN, and is reset after so many milliseconds. */
  silence(time: number): void {
    if (this.lost) return
    this.#go()
    this.#silent = true
    this.#timer = setTimeout(() => this.cut('reset'), time)
  }

  /** The last that the client gets, and FIN to both sides. */
  say(text: string): void {
    if (this.lost) return
    this.#ended = true
    this.#go()
    this.client.end(`${text}\r\n`)
    this.server.end()
  }

  cut(how: 'reset' | 'end'): void {
    this.#ended = true
    this.#go()
    for (const socket of [this.client, this.server]) {
      if (how === 'end') socket.end()
      else reset(socket)
    }
  }

  #go(): void {
    clearTimeout(this.#timer)
    this.#stalled = undefined
    this.#resume()
  }
}

export function reset(socket: Socket): void {
  // While a FIN is on its way a reset fails, and Node 20 then never closes the socket.
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
