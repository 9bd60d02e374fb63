import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { TLSSocket, type SecureContext } from 'node:tls'
import { secured } from './scripted-tls.js'

const arrivalTimeout = 5000

/**
 * A passive data connection in the place of ftp-srv 4.6.3's connector/passive.js, which looks for the caller every 50 ms,
 * counts ports up from 1024 (two processes collide) and leaves a timer of 30 s behind.
 */
export class PassivePort {
  type: 'passive' | false = 'passive'
  /** The caller, once it is there. */
  socket: Socket | undefined
  readonly #server: Server
  readonly #arrival: Promise<Socket>
  #give!: (socket: Socket) => void
  #refuse!: (error: Error) => void

  private constructor(onSocket: (socket: Socket) => void, secureContext: SecureContext | undefined) {
    this.#arrival = new Promise((resolve, reject) => ([this.#give, this.#refuse] = [resolve, reject]))
    this.#arrival.catch(() => {})
    // Half open, for a client may end its own half of a download at once.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, socket => {
      onSocket(socket)
      socket.on('error', () => {})
      this.#server.close()
      this.socket = socket
      if (secureContext) this.#secure(socket, secureContext)
      else this.#give(socket)
    })
    this.#server.maxConnections = 1
  }

  /**
   * With a context the caller speaks TLS, and is there when the handshake has ended. `ports`: the first of these that is
   * free; default: any.
   */
  static async open(
    host: string,
    onSocket: (socket: Socket) => void,
    secureContext?: SecureContext,
    ports: readonly number[] = [0],
  ): Promise<PassivePort> {
    const passive = new PassivePort(onSocket, secureContext)
    for (const port of ports) if (await passive.#listens(port, host)) return passive
    throw new Error('No passive port is free')
  }

  #listens(port: number, host: string): Promise<boolean> {
    return new Promise(resolve => {
      const onError = () => resolve(false)
      this.#server.once('error', onError).listen(port, host, () => {
        this.#server.off('error', onError)
        resolve(true)
      })
    })
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo
  }

  async waitForConnection(): Promise<Socket> {
    const timer = setTimeout(() => this.end(), arrivalTimeout)
    return this.#arrival.finally(() => clearTimeout(timer))
  }

  #secure(tcp: Socket, secureContext: SecureContext): void {
    const socket = new TLSSocket(tcp, { isServer: true, secureContext })
    socket.on('error', () => {})
    this.socket = socket
    secured(socket, tcp).then(this.#give, this.#refuse)
  }

  end(): void {
    this.#refuse(new Error('No data connection'))
    this.#server.close()
    this.socket?.end().resume()
    this.socket = undefined
    this.type = false
  }
}
