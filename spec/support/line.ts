import { connect, type Socket } from 'node:net'

/**
 * A connection through a proxy: the client's half and the server's half, which nothing joins by
 * itself.
 */
export class Line {
  /** Resolves when both halves have closed. */
  readonly closed: Promise<unknown>
  /** Both sides have been told the end: what still comes is not forwarded. */
  #ended = false

  private constructor(
    readonly client: Socket,
    readonly server: Socket,
  ) {
    this.closed = Promise.all(
      [client, server].map(
        socket => new Promise(resolve => socket.on('error', () => {}).once('close', resolve)),
      ),
    )
  }

  /** Goes on from a client, accepted half open, to a port of the server. */
  static to(port: number, client: Socket): Line {
    return new Line(client, connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }))
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
      await end()
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
    if (bytes.length === 0 || this.#ended) return
    await new Promise<void>((resolve, reject) => {
      to.write(bytes, error => (error ? reject(error) : resolve()))
    })
  }

  cut(how: 'reset' | 'end'): void {
    this.#ended = true
    for (const socket of [this.client, this.server]) {
      if (how === 'end') socket.end()
      // While a FIN is on its way a reset fails, and Node 20 then never closes the socket.
      else if (socket.writableEnded && !socket.writableFinished) socket.destroy()
      else socket.resetAndDestroy()
    }
  }
}
