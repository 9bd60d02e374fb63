import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { lost, Refusal } from './script.js'
import { handshakeOf, secured } from './scripted-tls.js'
import type { ScriptedServer } from './scripted-server.js'

/** An address that PORT or EPRT gives. */
export interface ActiveAddress {
  host: string
  port: number
}

/** The data connections of one control connection. */
export class DataConnections {
  /** PROT P. */
  isProtected = false
  #next: (() => Promise<Socket>) | undefined
  #forget = () => {}
  readonly #handles = new Set<Socket | Server>()
  readonly #handshakes = new WeakMap<Socket, Promise<TLSSocket>>()

  constructor(
    readonly server: ScriptedServer,
    readonly control: Socket,
  ) {
    this.isProtected = server.script.tls?.mode === 'implicit'
  }

  /** Opens a passive port in place of the former one, whose unused connection is closed. */
  async listen(): Promise<number> {
    if (this.control.destroyed) throw lost()
    this.#forget()
    const listener = createServer({ allowHalfOpen: true, noDelay: true })
    this.#track(listener)
    const warm = new Promise<Socket>((resolve, reject) => {
      listener.on('close', () => reject(lost()))
      listener.on('connection', socket => {
        this.#track(socket)
        this.#made(socket)
        resolve(socket)
        listener.close()
      })
    })
    warm.catch(() => {})
    this.#next = () => warm
    this.#forget = () => {
      listener.close()
      void warm.then(close, () => {})
    }
    await new Promise<void>(resolve => listener.listen(0, this.server.host, resolve))
    if (this.control.destroyed) {
      // Gone in the meantime, and with it whoever would close this port.
      listener.close()
      throw lost()
    }
    return (listener.address() as AddressInfo).port
  }

  /** Has the next transfer connect to the client. */
  call(address: ActiveAddress): void {
    this.#forget()
    this.#forget = () => {}
    this.#next = () =>
      new Promise((resolve, reject) => {
        const { activeFrom } = this.server.script
        const from = activeFrom === undefined ? {} : { localAddress: activeFrom }
        const socket = connect({ ...address, ...from, allowHalfOpen: true, noDelay: true })
        this.#track(socket)
        socket.on('close', () => reject(new Refusal('425 Cannot open data connection')))
        socket.on('connect', () => {
          this.#made(socket)
          resolve(socket)
        })
      })
  }

  /** The data connection of the last EPSV, PASV, EPRT or PORT; each is taken once. */
  async take(): Promise<Socket> {
    const next = this.#next
    this.#next = undefined
    this.#forget = () => {}
    if (!next) throw new Refusal('425 Use EPSV or PASV first')
    return next()
  }

  /** Resolves when the connection to the last port has been made, which can still be taken. */
  async made(): Promise<void> {
    await this.#next?.()
  }

  /** The connection behind the TLS that PROT P asks for, when its handshake has ended; without PROT P, itself. */
  async secure(socket: Socket): Promise<Socket> {
    if (!this.isProtected) return socket
    const stream = await this.#handshake(socket).catch(() => {
      throw new Refusal('522 TLS handshake failed')
    })
    if (this.server.script.tls?.sessionReuse === 'required' && !stream.isSessionReused()) {
      stream.end()
      throw new Refusal('522 TLS session of the control connection not reused')
    }
    return stream
  }

  /** Drops all of them at once. */
  drop(reset = false): void {
    for (const handle of this.#handles) close(handle, reset)
  }

  #made(socket: Socket): void {
    if (!this.isProtected || this.server.script.tls?.handshakeAfter !== 'connect') return
    this.#handshake(socket).catch(() => {})
  }

  #handshake(socket: Socket): Promise<TLSSocket> {
    let handshake = this.#handshakes.get(socket)
    if (!handshake) {
      handshake = secured(this.server.tls!.wrap(socket, 'data'), socket).then(stream => {
        this.server.handshakes.push(handshakeOf(stream, 'data'))
        return stream
      })
      this.#handshakes.set(socket, handshake)
    }
    return handshake
  }

  #track(handle: Socket | Server): void {
    this.server.track(handle)
    this.#handles.add(handle)
    handle.on('close', () => this.#handles.delete(handle))
  }
}

export function close(handle: Socket | Server, reset = false): void {
  if (!('destroy' in handle)) handle.close()
  else if (reset) handle.resetAndDestroy()
  else handle.destroy()
}
