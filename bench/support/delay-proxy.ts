import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Options of a delay proxy. */
export interface DelayProxyOptions {
  /** The FTP server. */
  host: string
  port: number
  /** Round-trip time to add, in milliseconds. */
  rtt: number
}

/** What may be on its way in one direction of one connection, in bytes. At 40 ms it lets 800 MB/s through. */
const WINDOW = 16 << 20

/**
 * Puts a distance between FTP clients and a server on loopback: each byte, FIN and RST takes half of
 * `rtt` to the other side, on data connections too, for the ports in 229 and 227 replies are replaced by
 * ports of the proxy.
 *
 * A connect ought to cost the client one `rtt`, but on loopback the kernel accepts it at once. So the
 * handshake is charged afterwards: the proxy connects to the server only 1.5 `rtt` after the client came,
 * when the last packet of a real handshake and the first bytes behind it would arrive, and lets nothing
 * pass before. So bytes written at once come when they would have come, and so do the greeting and the
 * 150 of a server that awaits the data connection first (vsftpd, ProFTPD, Pure-FTPd). A connection made
 * ahead of need pays nothing later, as in reality. With a server that says 150 before the data connection
 * is there (pyftpdlib) an upload gains up to one `rtt`.
 *
 * Left out is what TCP itself does on a long line (Nagle's algorithm in the server, slow start, loss): both
 * halves are loopback. Plain FTP only: behind AUTH the replies could not be read and data connections
 * would be measured without delay, so a 234 reply makes the proxy reset the connection.
 */
export class DelayProxy implements AsyncDisposable {
  /** Connections made through it, control and data. */
  connections = 0
  /** Bytes from clients, on all connections. */
  bytesUp = 0
  /** Bytes from the server, on all connections. */
  bytesDown = 0
  readonly #options: DelayProxyOptions
  readonly #handles = new Set<Socket | Server>()
  readonly #handshakes = new Set<NodeJS.Timeout>()
  #port = 0

  constructor(options: DelayProxyOptions) {
    this.#options = options
  }

  /** Connect here, on 127.0.0.1, instead of to the server. */
  get port(): number {
    return this.#port
  }

  async start(): Promise<this> {
    const listener = await this.#listen(client => this.#bridge(client, this.#options.port, true))
    this.#port = portOf(listener)
    return this
  }

  /** Closes its ports and every connection through them. */
  async stop(): Promise<void> {
    this.#handshakes.forEach(clearTimeout)
    const closed = [...this.#handles].map(
      handle => new Promise<unknown>(resolve => handle.once('close', resolve)),
    )
    for (const handle of this.#handles) {
      if ('destroy' in handle) handle.destroy()
      else handle.close()
    }
    await Promise.all(closed)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #track<Handle extends Socket | Server>(handle: Handle): Handle {
    this.#handles.add(handle)
    handle.on('close', () => this.#handles.delete(handle))
    return handle
  }

  async #listen(accept: (client: Socket) => void): Promise<Server> {
    const listener = this.#track(createServer({ allowHalfOpen: true, noDelay: true }))
    listener.on('connection', client => {
      this.connections++
      accept(this.#track(client))
    })
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
    return listener
  }

  #bridge(client: Socket, port: number, control: boolean): void {
    const { host, rtt } = this.#options
    const up = new DelayLine(client, rtt / 2)
    client.on('data', (chunk: Buffer) => {
      this.bytesUp += chunk.length
      up.push(chunk)
    })
    client.on('end', () => up.push('fin'))
    client.on('error', () => up.push('rst'))

    const handshake = setTimeout(() => {
      this.#handshakes.delete(handshake)
      const server = this.#track(connect({ host, port, allowHalfOpen: true, noDelay: true }))
      server.on('connect', () => up.open(server))
      const down = new DelayLine(server, rtt / 2)
      down.open(client)
      server.on('data', (chunk: Buffer) => (this.bytesDown += chunk.length))
      server.on('error', () => down.push('rst'))
      if (control) this.#replies(client, server, down)
      else server.on('data', (chunk: Buffer) => down.push(chunk)).on('end', () => down.push('fin'))
    }, 1.5 * rtt)
    this.#handshakes.add(handshake)
  }

  /** Passes replies on line by line, with the ports of data connections replaced. */
  #replies(client: Socket, server: Socket, down: DelayLine): void {
    const unused = new Set<Server>()
    client.on('close', () => unused.forEach(listener => listener.close()))
    const dataPort = async (port: number) => {
      const listener = await this.#listen(data => {
        listener.close()
        unused.delete(listener)
        this.#bridge(data, port, false)
      })
      unused.add(listener)
      if (client.destroyed) listener.close()
      return portOf(listener)
    }
    const rewritten = async (line: string) => {
      if (line.startsWith('234')) {
        client.resetAndDestroy()
        server.resetAndDestroy()
      }
      const extended = /^(229 .*\((.)\2\2)(\d+)(\2\).*)$/s.exec(line)
      if (extended) return `${extended[1]}${await dataPort(Number(extended[3]))}${extended[4]}`
      const passive = /^(227 .*?)\d+,\d+,\d+,\d+,(\d+),(\d+)(.*)$/s.exec(line)
      if (!passive) return line
      const port = await dataPort(Number(passive[2]) * 256 + Number(passive[3]))
      return `${passive[1]}127,0,0,1,${port >> 8},${port & 255}${passive[4]}`
    }

    let rest = ''
    let passed = Promise.resolve()
    server.on('data', (chunk: Buffer) => {
      const arrived = performance.now()
      const lines = (rest + chunk.toString('latin1')).split(/(?<=\n)/)
      rest = lines.at(-1)!.endsWith('\n') ? '' : lines.pop()!
      passed = passed.then(async () => {
        let text = ''
        for (const line of lines) text += await rewritten(line)
        if (text) down.push(Buffer.from(text, 'latin1'), arrived)
      })
    })
    server.on('end', () => {
      passed = passed.then(() => {
        down.push(Buffer.from(rest, 'latin1'))
        down.push('fin')
      })
    })
  }
}

/** One direction of one connection: what goes in comes out `delay` ms later, in order. */
class DelayLine {
  readonly #from: Socket
  readonly #delay: number
  readonly #queue: { due: number; content: Buffer | 'fin' | 'rst' }[] = []
  #waiting = 0
  #to: Socket | undefined
  #full = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, delay: number) {
    this.#from = from
    this.#delay = delay
  }

  push(content: Buffer | 'fin' | 'rst', arrived = performance.now()): void {
    this.#queue.push({ due: arrived + this.#delay, content })
    this.#waiting += content.length
    if (this.#waiting > WINDOW) this.#from.pause()
    if (this.#queue.length === 1) this.#deliver()
  }

  /** From now on there is somewhere to deliver to. */
  open(to: Socket): void {
    this.#to = to
    to.on('close', this.#deliver)
    to.on('drain', () => {
      this.#full = false
      this.#deliver()
    })
    this.#deliver()
  }

  readonly #deliver = (): void => {
    clearTimeout(this.#timer)
    const to = this.#to
    if (!to) return
    while (this.#queue.length && (to.destroyed || !this.#full)) {
      const { due, content } = this.#queue[0]!
      const early = due - performance.now()
      // Timers count whole milliseconds: half of one early or late evens out.
      if (!to.destroyed && early > 0.5) {
        this.#timer = setTimeout(this.#deliver, Math.round(early))
        break
      }
      this.#queue.shift()
      this.#waiting -= content.length
      if (to.destroyed) continue
      if (content === 'fin') to.end()
      else if (content === 'rst') to.resetAndDestroy()
      else this.#full = !to.write(content)
    }
    if (this.#waiting <= WINDOW / 2 && this.#from.isPaused()) this.#from.resume()
  }
}

/** Starts a delay proxy in front of a server. */
export function startDelayProxy(options: DelayProxyOptions): Promise<DelayProxy> {
  return new DelayProxy(options).start()
}

const portOf = (listener: Server) => (listener.address() as AddressInfo).port
