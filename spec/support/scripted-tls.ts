import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import type { ScriptTls } from './script.js'

/** A TLS handshake that has succeeded. */
export interface Handshake {
  on: 'control' | 'data'
  protocol: string
  /** Whether a session was resumed. */
  reused: boolean
  /** The name that the client asked for (SNI). */
  servername: string | undefined
}

/** The server's side of TLS, on all its connections: contexts are shared, so that sessions can be resumed. */
export class ScriptedTls {
  readonly #control: SecureContext
  readonly #data: SecureContext
  readonly #clientCa: X509Certificate | undefined

  constructor(readonly script: ScriptTls) {
    const { cert, key, dataCert, dataKey, clientCa } = script
    this.#control = context(script, cert, key)
    this.#data = dataCert ? context(script, dataCert, dataKey ?? key) : this.#control
    this.#clientCa = clientCa === undefined ? undefined : new X509Certificate(clientCa)
  }

  /** Puts TLS on a connection, at whose first bytes the client stands. */
  wrap(socket: Socket, on: 'control' | 'data'): TLSSocket {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: on === 'control' ? this.#control : this.#data,
      requestCert: on === 'control' && this.#clientCa !== undefined,
    })
    secured.on('error', () => {})
    secured.on('secure', () => {
      if (on === 'control' && !this.#knows(secured)) socket.destroy()
    })
    return secured
  }

  #knows(socket: TLSSocket): boolean {
    if (!this.#clientCa) return true
    const shown = socket.getPeerX509Certificate()
    return shown !== undefined && shown.verify(this.#clientCa.publicKey)
  }
}

export function handshakeOf(socket: TLSSocket, on: 'control' | 'data'): Handshake {
  const { servername } = socket as TLSSocket & { servername?: string | false | null }
  return {
    on,
    protocol: socket.getProtocol() ?? '',
    reused: socket.isSessionReused(),
    servername: servername || undefined,
  }
}

/** Resolves when the handshake has succeeded, rejects when the connection ends instead. */
export function secured(stream: TLSSocket, tcp: Socket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      tcp.destroy()
      reject(new Error('No TLS handshake'))
    }
    stream.once('end', fail).once('close', fail)
    stream.once('secure', () => {
      stream.off('end', fail).off('close', fail)
      resolve(stream)
    })
    if (tcp.readableEnded || tcp.destroyed) fail()
  })
}

function context(script: ScriptTls, cert: string, key: string): SecureContext {
  const { ca, minVersion, maxVersion } = script
  const old = [minVersion, maxVersion].some(version => version === 'TLSv1' || version === 'TLSv1.1')
  return createSecureContext({
    cert: ca ? `${cert}\n${ca}` : cert,
    key,
    sessionIdContext: 'scripted',
    ...(minVersion ? { minVersion } : {}),
    ...(maxVersion ? { maxVersion } : {}),
    ...(old ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
  })
}
