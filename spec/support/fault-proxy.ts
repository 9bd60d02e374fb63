import type { Server, Socket } from 'node:net'
import { firstMessage, type Fault } from './faults.js'
import { arrival, forwardUpload, type FaultPlan } from './faulty-upload.js'
import { Line } from './line.js'
import { close, listen, listenInARow, portOf } from './port-range.js'

/**
 * Another loopback address than the server's, so that both can listen on the same passive ports.
 */
const host = '127.0.0.2'

/**
 * More than a pool of a few sessions has open at once, with those made ahead and those that end.
 */
const passivePortCount = 16

export interface Upstream extends AsyncDisposable {
  /** The port of the control connections, on 127.0.0.1. */
  readonly port: number
}

/**
 * Stands in front of a server on 127.0.0.1 and cuts connections at chosen places. It changes no
 * byte, so that TLS goes through: the reply to EPSV holds only a port, and the client finds the
 * proxy at the same port of the proxy's address.
 */
export class FaultProxy<T extends Upstream = Upstream> implements AsyncDisposable {
  readonly host = host
  /** Cuts made so far. */
  cuts = 0
  /** Connections accepted so far. */
  controlConnections = 0
  dataConnections = 0
  readonly #listeners: Server[]
  readonly #control = new Set<Line>()
  readonly #data = new Set<Line>()
  #faults: { fault: Fault; left: number }[] = []
  /** An upload whose FIN has been forwarded, and whose replies meet a fault. */
  #awaited: { fault: Fault; upload: Line; replied: boolean } | undefined
  readonly #plan: FaultPlan = {
    next: isHere => this.#faults.find(({ fault }) => isHere(fault))?.fault,
    make: (fault, upload) => this.#make(fault, upload),
    expectReplies: (fault, upload) => (this.#awaited = { fault, upload, replied: false }),
  }

  private constructor(
    /** The server behind, which ends with the proxy. */
    readonly server: T,
    control: Server,
    passive: readonly Server[],
  ) {
    this.#listeners = [control, ...passive]
    control.on('connection', client => this.#takeControl(client))
    for (const listener of passive) {
      listener.on('connection', client => this.#takeData(client, portOf(listener)))
    }
  }

  /** `start` starts the server, whose passive ports have to be among those it is given. */
  static async start<T extends Upstream>(
    start: (passivePorts: readonly number[]) => Promise<T>,
  ): Promise<FaultProxy<T>> {
    const passive = await listenInARow(host, passivePortCount)
    const control = await listen(host)
    try {
      return new FaultProxy(await start(passive.map(portOf)), control, passive)
    } catch (error) {
      await Promise.all([control, ...passive].map(close))
      throw error
    }
  }

  /** The port of the control connections. */
  get port(): number {
    return portOf(this.#listeners[0]!)
  }

  /** `ftp://user:password@127.0.0.2:port/` */
  url({ user, password }: { user: string; password: string }): string {
    return `ftp://${user}:${password}@${host}:${this.port}/`
  }

  /**
   * Makes a cut at the next uploads that come to its place. An upload under way counts from its
   * first byte.
   */
  cut(fault: Fault): void {
    if (fault.what === 'data' && (fault.at === 'reply' || fault.at === 'question')) {
      throw new TypeError(`At a ${fault.at} the control connections are cut`)
    }
    this.#faults.push({ fault, left: fault.times ?? 1 })
  }

  /**
   * Forgets the cuts that have not been made, and resets what is open. Resolves when it has closed.
   */
  async reset(): Promise<void> {
    this.#faults = []
    this.#awaited = undefined
    const lines = [...this.#control, ...this.#data]
    for (const line of lines) line.cut('reset')
    await Promise.all(lines.map(({ closed }) => closed))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listeners.map(close)
    await this.reset()
    await Promise.all(closed)
    await this.server[Symbol.asyncDispose]()
  }

  #takeControl(client: Socket): void {
    this.controlConnections++
    const line = keep(this.#control, Line.to(this.server.port, client))
    line.forwardAll(client, line.server)
    void line.forward(
      line.server,
      chunk => this.#reply(line, chunk),
      async () => void client.end(),
    )
  }

  #takeData(client: Socket, port: number): void {
    this.dataConnections++
    const line = keep(this.#data, Line.to(port, client))
    line.forwardAll(line.server, client)
    forwardUpload(line, this.#plan)
  }

  async #reply(line: Line, chunk: Buffer): Promise<void> {
    const awaited = this.#awaited
    if (!awaited) return line.send(line.client, chunk)
    const { fault, upload, replied } = awaited
    if (replied) return
    awaited.replied = true
    if (fault.at === 'question') {
      await line.send(line.client, chunk.subarray(0, firstMessage(chunk)))
      await arrival()
    }
    this.#awaited = undefined
    this.#make(fault, upload)
  }

  #make(fault: Fault, upload: Line): void {
    const entry = this.#faults.find(each => each.fault === fault)
    if (!entry) return
    entry.left--
    this.#faults = this.#faults.filter(({ left }) => left > 0)
    this.cuts++
    const { what = 'both', how = 'reset' } = fault
    const control = what === 'data' ? [] : this.#control
    const data = what === 'both' ? this.#data : what === 'data' ? [upload] : []
    for (const line of [...control, ...data]) line.cut(how)
  }
}

function keep(lines: Set<Line>, line: Line): Line {
  lines.add(line)
  void line.closed.then(() => lines.delete(line))
  return line
}
