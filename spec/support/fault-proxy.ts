import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkFault, firstMessage, type Fault, type Kind } from './faults.js'
import { forwardDialog } from './faulty-dialog.js'
import { arrival, forwardTransfer, type FaultPlan } from './faulty-transfer.js'
import { Line, reset } from './line.js'
import { close, listen, listenInARow, listenWith, portOf } from './port-range.js'

/**
 * Another loopback address than the server's, so that both can listen on the same passive ports.
 */
const host = '127.0.0.2'

/**
 * More than two pools of a few sessions have open at once, with those made ahead and those that end.
 */
const passivePortCount = 48

const defaultTime = 300
const defaultReply = '421 Service not available, closing control connection'

export interface Upstream extends AsyncDisposable {
  /** The port of the control connections, on 127.0.0.1. */
  readonly port: number
}

/** A fault that was laid. */
interface Laid {
  readonly fault: Fault
  /** When, as performance.now() has it. */
  readonly time: number
  left: number
  skip: number
  timer?: NodeJS.Timeout
}

/**
 * Stands in front of a server on 127.0.0.1 and makes faults at chosen places. It changes no byte, so
 * that TLS goes through: the reply to EPSV holds only a port, and the client finds the proxy at the
 * same port of the proxy's address.
 */
export class FaultProxy<T extends Upstream = Upstream> implements AsyncDisposable {
  readonly host = host
  /** Faults made so far. */
  cuts = 0
  /** Connections accepted so far. */
  controlConnections = 0
  dataConnections = 0
  readonly #control = new Set<Line>()
  readonly #data = new Set<Line>()
  /** Clients that go on to no server. */
  readonly #left = new Set<Socket>()
  readonly #ports: Readonly<Record<Kind, ReadonlyMap<Server, number>>>
  readonly #refusals = new Set<AbortController>()
  #refusing = Promise.resolve()
  #faults: Laid[] = []
  readonly #made = new WeakMap<Fault, number>()
  /** A transfer whose FIN has been forwarded, and whose replies meet a fault. */
  #awaited: { fault: Fault; transfer: Line; replied: boolean } | undefined
  readonly #plan: FaultPlan = {
    next: isHere => this.#faults.find(({ fault }) => isHere(fault))?.fault,
    isDue: fault => {
      const laid = this.#laid(fault)
      return laid !== undefined && laid.skip-- <= 0
    },
    laidAt: fault => this.#laid(fault)?.time ?? 0,
    make: (fault, line) => this.#make(fault, line),
    expectReplies: (fault, transfer) => (this.#awaited = { fault, transfer, replied: false }),
  }

  private constructor(
    /** The server behind, which ends with the proxy. */
    readonly server: T,
    control: Server,
    passive: readonly Server[],
  ) {
    const ports = (listeners: readonly Server[]) => new Map(listeners.map(each => [each, portOf(each)]))
    this.#ports = { control: ports([control]), data: ports(passive) }
    control.on('connection', client => this.#takeControl(client))
    for (const [listener, port] of this.#ports.data) {
      listener.on('connection', client => this.#takeData(client, port))
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
    return [...this.#ports.control.values()][0]!
  }

  /** All ports at which clients are taken, and refused. */
  get ports(): ReadonlySet<number> {
    return new Set(Object.values(this.#ports).flatMap(ports => [...ports.values()]))
  }

  /** Connections through it that the client has not ended. */
  get open(): Record<Kind, number> {
    const count = (lines: Set<Line>) => [...lines].filter(line => !line.left).length
    return { control: count(this.#control), data: count(this.#data) }
  }

  /** `ftp://user:password@127.0.0.2:port/` */
  url({ user, password }: { user: string; password: string }): string {
    return `ftp://${user}:${password}@${host}:${this.port}/`
  }

  /**
   * Makes a fault at the next connections that come to its place. A transfer under way counts from
   * its first byte.
   */
  cut(fault: Fault): void {
    checkFault(fault)
    const skip = 'skip' in fault ? (fault.skip ?? 0) : 0
    this.#faults.push({ fault, time: performance.now(), left: fault.times ?? 1, skip })
  }

  /** Makes a fault no more. */
  forget(fault: Fault): void {
    clearTimeout(this.#laid(fault)?.timer)
    this.#faults = this.#faults.filter(each => each.fault !== fault)
    if (this.#awaited?.fault === fault) this.#awaited = undefined
  }

  /** How often a fault was made. */
  made(fault: Fault): number {
    return this.#made.get(fault) ?? 0
  }

  /** Cuts what is open, as when a line breaks while nothing is sent. Returns how many lines that were. */
  cutAll(how: 'reset' | 'end', kind?: Kind): number {
    this.cuts++
    const lines = this.#lines(kind)
    for (const line of lines) line.cut(how)
    return lines.length
  }

  /**
   * For so many milliseconds, or until something is over, nobody listens: who connects is refused.
   * Resolves when somebody listens again.
   */
  refuse(kind: Kind, until: number | Promise<unknown>): Promise<void> {
    this.cuts++
    const refusal = new AbortController()
    this.#refusals.add(refusal)
    this.#refusing = this.#refusing.then(async () => {
      const ports = [...this.#ports[kind]]
      const closed = ports.map(([listener]) => close(listener))
      const { signal } = refusal
      await (typeof until === 'number' ? sleep(until, undefined, { signal }) : until).catch(() => {})
      this.#refusals.delete(refusal)
      // They close with the last of their connections; the ports are free before.
      for (const line of this.#lines(kind)) line.cut('reset')
      await Promise.all(closed)
      await Promise.all(ports.map(([listener, port]) => listenWith(listener, host, port)))
    })
    return this.#refusing
  }

  /**
   * Forgets the faults that have not been made, and resets what is open. Resolves when it has closed.
   */
  async reset(): Promise<void> {
    for (const { fault } of this.#faults) this.forget(fault)
    for (const refusal of this.#refusals) refusal.abort()
    await this.#refusing
    const lines = this.#lines()
    for (const line of lines) line.cut('reset')
    const left = [...this.#left].map(client => new Promise(resolve => client.once('close', resolve)))
    for (const client of this.#left) reset(client)
    await Promise.all([...lines.map(({ closed }) => closed), ...left])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reset()
    const closed = (['control', 'data'] as const).flatMap(kind => [...this.#ports[kind].keys()].map(close))
    await this.reset()
    await Promise.all(closed)
    await this.server[Symbol.asyncDispose]()
  }

  #lines(kind?: Kind): Line[] {
    return [...(kind === 'data' ? [] : this.#control), ...(kind === 'control' ? [] : this.#data)]
  }

  #takeControl(client: Socket): void {
    this.controlConnections++
    void this.#connect(client, 'control', this.server.port).then(line => {
      if (line) forwardDialog(line, this.#plan, chunk => this.#reply(line, chunk))
    })
  }

  #takeData(client: Socket, port: number): void {
    this.dataConnections++
    void this.#connect(client, 'data', port).then(line => {
      if (!line) return
      forwardTransfer(line, 'up', this.#plan)
      forwardTransfer(line, 'down', this.#plan)
    })
  }

  async #connect(client: Socket, kind: Kind, port: number): Promise<Line | undefined> {
    const fault = this.#plan.next(each => each.at === 'connect' && each.on === kind)
    const goOn = (): Line => keep(kind === 'control' ? this.#control : this.#data, Line.to(port, client))
    if (!fault) return goOn()
    this.#count(fault)
    this.#left.add(client.on('error', () => {}))
    client.once('close', () => this.#left.delete(client))
    const { how = 'reset', time = defaultTime, reply = defaultReply } = fault
    if (how === 'say') client.end(`${reply}\r\n`).resume()
    else if (how === 'end') client.end().resume()
    else if (how === 'stall') {
      await sleepOrClose(time, client)
      this.#left.delete(client)
      if (!client.destroyed) return goOn()
    } else {
      // What is not read tells nothing of its end.
      if (how === 'silence') await sleepOrClose(time, client.resume())
      reset(client)
    }
    return undefined
  }

  async #reply(line: Line, chunk: Buffer): Promise<void> {
    const awaited = this.#awaited
    if (!awaited) return line.send(line.client, chunk)
    const { fault, transfer, replied } = awaited
    if (replied) return
    awaited.replied = true
    if (fault.at === 'question') {
      await line.send(line.client, chunk.subarray(0, firstMessage(chunk)))
      await arrival()
    }
    this.#awaited = undefined
    this.#make(fault, transfer)
  }

  #laid(fault: Fault): Laid | undefined {
    return this.#faults.find(each => each.fault === fault)
  }

  /** Whether it was still to be made. */
  #count(fault: Fault): boolean {
    const laid = this.#laid(fault)
    if (!laid) return false
    this.cuts++
    this.#made.set(fault, this.made(fault) + 1)
    if (fault.lasts !== undefined) laid.timer ??= setTimeout(() => this.forget(fault), fault.lasts)
    else if (--laid.left <= 0) this.#faults = this.#faults.filter(each => each !== laid)
    return true
  }

  #make(fault: Fault, here: Line): void {
    if (!this.#count(fault)) return
    const { what = 'both', how = 'reset', time = defaultTime, reply = defaultReply } = fault
    const isData = this.#data.has(here)
    const lines =
      what === 'both'
        ? this.#lines()
        : what === 'control'
          ? this.#lines('control')
          : what === 'one' || isData
            ? [here]
            : this.#lines('data')
    for (const line of lines) {
      if (how === 'stall') line.stall(time)
      else if (how === 'silence') line.silence(time)
      else if (how === 'say') {
        if (line === here) line.say(reply)
        else line.cut('end')
      } else line.cut(how)
    }
  }
}

function keep(lines: Set<Line>, line: Line): Line {
  lines.add(line)
  void line.closed.then(() => lines.delete(line))
  return line
}

async function sleepOrClose(time: number, socket: Socket): Promise<void> {
  const closed = new AbortController()
  const onClose = () => closed.abort()
  socket.once('close', onClose)
  await sleep(time, undefined, { signal: closed.signal }).catch(() => {})
  socket.off('close', onClose)
}
