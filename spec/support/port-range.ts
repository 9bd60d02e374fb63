import { createServer, type AddressInfo, type Server } from 'node:net'

export const portOf = (listener: Server): number => (listener.address() as AddressInfo).port

export const close = (listener: Server): Promise<unknown> => new Promise(resolve => listener.close(resolve))

/** Its connections stay open in one direction when the other has ended. */
export function listen(host: string, port = 0): Promise<Server> {
  return listenWith(createServer({ allowHalfOpen: true, noDelay: true }), host, port)
}

/** Listens again with a listener that was closed. */
export function listenWith(listener: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(port, host, () => {
      listener.off('error', reject)
      resolve(listener)
    })
  })
}

/** Listens on ports in a row, below those that Linux gives to whatever asks for any port. */
export async function listenInARow(host: string, count: number): Promise<Server[]> {
  for (let attempt = 1; ; attempt++) {
    const first = 20_000 + count * Math.floor(Math.random() * (12_000 / count))
    const opened = await Promise.allSettled(Array.from({ length: count }, (_, i) => listen(host, first + i)))
    const listeners = opened.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
    if (listeners.length === count) return listeners
    await Promise.all(listeners.map(close))
    if (attempt === 20) throw new Error(`Of 20 ranges of ${count} ports on ${host} none was free`)
  }
}
